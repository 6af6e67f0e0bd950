//! Fuzz target: see `lvs_ha_fuzz::cluster_classic`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lvs_ha_fuzz::cluster_classic::run(data));
