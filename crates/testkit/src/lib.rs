//! Test kit of the workspace, for tests and, as the program `lvs-lab`, by hand.
//!
//! - [`cases`]: the recorded behaviour of the originals below `compat-fixtures/`: reading, writing, running.
//! - [`uml`]: starting something inside the user-mode kernel, which is the only place with a real IPVS.
//! - [`lab`]: what runs in there: the recorded environment, namespaces, programs with captured output.
//! - [`generate`] and [`diff`]: random command lines, run by two programs in lockstep and compared.
//! - [`cluster`]: live clusters of heartbeat nodes in namespaces of the host.
//! - [`resource_trace`]: what live clusters do with resource scripts, recorded and compared.
//! - [`build`]: the programs under test, built by cargo when a test asks for them.
//!
//! Nothing here is shipped.

pub mod build;
pub mod cases;
pub mod cli;
pub mod cluster;
pub mod diff;
pub mod generate;
pub mod heartbeat_config;
pub mod lab;
pub mod paths;
pub mod resource_trace;
pub mod rng;
pub mod text;
pub mod uml;
