//! Fuzz target: see `lvs_ha_fuzz::cluster_stream`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lvs_ha_fuzz::cluster_stream::run(data));
