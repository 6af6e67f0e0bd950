//! A whole table: services with their destinations, as wanted or as found.

use super::{Dest, Service};

/// Services with their destinations. Keys are expected to be unique; order is kept and has no meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The services.
    pub services: Vec<TableService>,
}

/// One service of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableService {
    /// Key and settings.
    pub service: Service,
    /// Its destinations.
    pub dests: Vec<Dest>,
}
