-- SPDX-License-Identifier: Apache-2.0
--
-- The rule over the C structs of hotpatch5.h, and the loop over them.
local ffi = require("ffi")

ffi.cdef [[
struct device {
  int32_t build_major, build_rev;
  uint8_t edition, mdm;
  bool vbs, entra, hybrid, policy;
};
]]

local function judge(d)
  if d.edition >= 8 then return 1 end
  local major = d.build_major
  if (major ~= 26100 and major ~= 26200) or d.build_rev < 4929 then return 2 end
  if not d.vbs then return 3 end
  if not (d.entra or d.hybrid) then return 4 end
  if d.mdm ~= 0 or not d.policy then return 5 end
  return 0
end

return function(devices, count, reasons)
  devices = ffi.cast("const struct device *", devices)
  reasons = ffi.cast("uint8_t *", reasons)
  for i = 0, count - 1 do reasons[i] = judge(devices[i]) end
end
