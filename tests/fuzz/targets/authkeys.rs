//! Fuzz target: see `lvs_ha_fuzz::authkeys`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lvs_ha_fuzz::authkeys::run(data));
