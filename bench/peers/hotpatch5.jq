# SPDX-License-Identifier: Apache-2.0
#
# The rule over one record, to a brief verdict line.
def editions: {"Enterprise": 1, "EnterpriseN": 1, "EnterpriseS": 1, "EnterpriseSN": 1,
               "Education": 1, "EducationN": 1, "IoTEnterprise": 1, "IoTEnterpriseS": 1};

def first_failing:
  (.os_build | split(".") | map(tonumber)) as $build
  | if editions[.edition] | not then "edition"
    elif ($build[0] != 26100 and $build[0] != 26200) or $build[1] < 4929 then "build"
    elif .vbs_running | not then "vbs"
    elif (.entra_joined or .hybrid_joined) | not then "entra_join"
    elif .mdm != "Intune" or (.hotpatch_policy | not) then "mdm"
    else null end;

first_failing as $check
| {subject: .device_id, verdict: "readiness",
   outcome: (if $check then "not_eligible" else "eligible" end), check: $check, valid_until: null}
