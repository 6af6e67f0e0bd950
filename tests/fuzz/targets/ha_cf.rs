//! Fuzz target: see `lvs_ha_fuzz::ha_cf`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lvs_ha_fuzz::ha_cf::run(data));
