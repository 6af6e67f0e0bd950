//! Fuzz target: see `lvs_ha_fuzz::client_api`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lvs_ha_fuzz::client_api::run(data));
