//! Fixed texts, recorded from the original 3.0.6.

/// Without a sub-command, and with `-h`.
pub(crate) const USAGE: &str = "\
Usage: cl_status <sub-command> [<options>] [<parameters>]

Sub-commands:
clientstatus <node-name> <client-id> [<timeout>]
	Show the status of heartbeat clients.
hblinkstatus <node-name> <link-name>
	Show the status of a heartbeat link
hbstatus
	Indicate if heartbeat is running on the local system.
	Options:
		-v	verbose: also add \"listnodes -v\" output
listnodes [<option>]
	List the nodes in the cluster.
	Options:
		-p	list only 'ping' type nodes
		-n	list only 'normal' type nodes
		-v	verbose: also list type and status,
			then add \"listhblinks -v\" output
listhblinks <node-name>
	List the network interfaces used as hearbeat links.
	Options:
		-v	verbose: list link status as well
nodestatus <node-name>
	List the node status.
nodeweight <node-name>
	List the node weight.
nodesite <node-name>
	List the node site.
nodetype <node-name>
	List the nodes of a given type.
rscstatus
	Show the status of cluster resources.
hbparameter -p <parameter-name>
	Retrieve the value of a cluster parameter.
	As for the valid parameter names, please refer to the man page.
";
/// There is a daemon.
pub(crate) const RUNNING: &str = "Heartbeat is running on this machine.";
/// There is none.
pub(crate) const STOPPED: &str = "Heartbeat is stopped on this machine.";
/// There is one that does not want us.
pub(crate) const REFUSED: &str = "Heartbeat is apparently running on this machine, but refuses my connection";
/// Why nobody answers.
pub(crate) const NO_CONNECTION: &str = "hb_api_signon: Can't initiate connection to heartbeat";
/// Missing operands of commands about a node.
pub(crate) const NOT_ENOUGH: &str = "Not enough parameters.";
/// The same in the other commands.
pub(crate) const NO_ENOUGH: &str = "No enough parameter.";
/// An unknown node.
pub(crate) const WRONG_NODE: &str = "Error. May be due to incorrect node name";
/// The same for `nodeweight`.
pub(crate) const WRONG_NODE_WEIGHT: &str = "Error. Maybe due to incorrect node name.";
/// Nobody says what is held.
pub(crate) const NO_SET: &str = "Cannot get cluster resource status";
/// Because another program holds it.
pub(crate) const NO_SET_PACEMAKER: &str = "Cannot get cluster resource status of a pacemaker cluster; try crm_mon";
