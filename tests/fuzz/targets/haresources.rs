//! Fuzz target: see `lvs_ha_fuzz::haresources`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lvs_ha_fuzz::haresources::run(data));
