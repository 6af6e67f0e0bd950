//! Fuzz target: see `lvs_ha_fuzz::resources`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lvs_ha_fuzz::resources::run(data));
