-- SPDX-License-Identifier: Apache-2.0
--
-- One record as text; returns its subject and the number of the check that fails first.
local decode = require("cjson").decode
local match = string.match
local editions = {
  Enterprise = true, EnterpriseN = true, EnterpriseS = true, EnterpriseSN = true,
  Education = true, EducationN = true, IoTEnterprise = true, IoTEnterpriseS = true,
}

local function judge(d)
  if not editions[d.edition] then return 1 end
  local major, revision = match(d.os_build, "^(%d+)%.(%d+)$")
  if (major ~= "26100" and major ~= "26200") or tonumber(revision) < 4929 then return 2 end
  if not d.vbs_running then return 3 end
  if not (d.entra_joined or d.hybrid_joined) then return 4 end
  if d.mdm ~= "Intune" or not d.hotpatch_policy then return 5 end
  return 0
end

return function(text)
  local device = decode(text)
  return device.device_id, judge(device)
end
