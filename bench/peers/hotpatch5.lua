-- SPDX-License-Identifier: Apache-2.0
--
-- The rule over a table of typed facts; returns the number of the check that fails first.
local editions = {
  Enterprise = true, EnterpriseN = true, EnterpriseS = true, EnterpriseSN = true,
  Education = true, EducationN = true, IoTEnterprise = true, IoTEnterpriseS = true,
}

return function(d)
  if not editions[d.edition] then return 1 end
  local major = d.build_major
  if (major ~= 26100 and major ~= 26200) or d.build_rev < 4929 then return 2 end
  if not d.vbs_running then return 3 end
  if not (d.entra_joined or d.hybrid_joined) then return 4 end
  if d.mdm ~= "Intune" or not d.hotpatch_policy then return 5 end
  return 0
end
