//! How long the resource script takes by itself: what a move costs that no cluster manager can save.

use testkit::cluster::{Context as _, Result};

use crate::stage::Stage;

/// Calls the script with each verb as a move does, with an address that nobody uses; prints nanoseconds for each verb.
const SCRIPT: &str = r#"
export HA_FUNCS=/etc/ha.d/shellfuncs
for verb in status start stop; do
  from=$(date +%s%N)
  "$@" 10.9.0.150/24/eth0 "$verb" >/dev/null 2>&1
  to=$(date +%s%N)
  echo "$verb $((to - from))"
done"#;

/// Milliseconds for the calls of one move: `stop` on one node, then `status` and `start` on the other.
pub(crate) fn time(stage: &Stage) -> Result<f64> {
    let script = stage.script();
    let mut words = vec!["-c", SCRIPT, "sh"];
    words.extend(script.iter().map(String::as_str));
    let printed = stage.cluster().node(1)?.done("bash", &words)?;
    let mut sum = 0.0;
    for line in printed.lines() {
        let (_, time) = line.split_once(' ').context("a verb and a time")?;
        sum += time.parse::<f64>().context("a time")? / 1e6;
    }
    Ok(sum)
}
