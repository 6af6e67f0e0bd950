#!/bin/bash
# A fencing device that only writes down how it was called. /etc/ha.d/lab/stonith-failures holds how many resets are
# still to fail.
lab=/etc/ha.d/lab
rc=0
printf '%s\tstonith-plugin\texternal/%s %s\t\t\thostlist=%s\t\n' \
  "$EPOCHREALTIME" "${0##*/}" "$*" "${hostlist-}" >>$lab/calls
case ${1-} in
  getconfignames) printf 'hostlist\nlogdir\n' ;;
  gethosts) echo "${hostlist-}" | tr , '\n' ;;
  getinfo-devid) echo 'recorder' ;;
  getinfo-devname) echo 'recorder of the tests' ;;
  getinfo-devdescr) echo 'Writes down how it was called.' ;;
  getinfo-devurl) echo 'http://localhost/' ;;
  getinfo-xml)
    printf '<parameters>\n<parameter name="hostlist" unique="1" required="1">\n</parameter>\n</parameters>\n'
    ;;
  reset | on | off)
    left=0
    [ ! -e $lab/stonith-failures ] || read -r left <$lab/stonith-failures
    if [ "$left" -gt 0 ]; then
      echo $((left - 1)) >$lab/stonith-failures
      rc=1
    fi
    ;;
  status) ;;
  *) rc=1 ;;
esac
exit $rc
