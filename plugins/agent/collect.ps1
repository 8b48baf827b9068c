# SPDX-License-Identifier: Apache-2.0
#
# collect.ps1 - writes one report of this Windows device, for the folder of the agent source:
#
#     powershell -NoProfile -ExecutionPolicy Bypass -File collect.ps1 -Folder \\server\reports
#
# For Windows PowerShell 5.1, run as SYSTEM by a scheduled task; on a share the computer's account
# must be allowed to write. It changes nothing on the device. What cannot be read is left out, told
# on standard error, and stays unknown. (Not collected: when HotPatchRestrictions was written, which
# rules want for Arm64 devices on which CHPE was switched off.)
param([Parameter(Mandatory = $true)][string]$Folder)
$ErrorActionPreference = 'Stop'
$invariant = [Globalization.CultureInfo]::InvariantCulture

# A 32-bit one is shown another registry, and has no dsregcmd.
if (-not [Environment]::Is64BitProcess) { throw 'This needs the 64-bit PowerShell of System32.' }

function ConvertTo-Instant($Time) {
    $Time.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ', $invariant)
}

# The values of a registry key that are there; $null where the key is not.
function Read-Values($Path, $Names) {
    $key = Get-Item -LiteralPath "HKLM:\$Path" -ErrorAction SilentlyContinue
    if (-not $key) { return $null }
    $found = @{}
    foreach ($name in $Names) {
        $value = $key.GetValue($name)
        if ($null -ne $value) { $found[$name] = $value }
    }
    $found
}

# A part that fails, for a service that is disabled or a damaged WMI, costs no other.
function Read-Part($What, $Script) {
    try { & $Script } catch { [Console]::Error.WriteLine("${What}: $($_.Exception.Message)") }
}

$agent = @{ collected_at = ConvertTo-Instant (Get-Date); hostname = $env:COMPUTERNAME }
Read-Part 'last boot' {
    $agent.last_boot = ConvertTo-Instant (Get-CimInstance Win32_OperatingSystem).LastBootUpTime
}

$control = 'SYSTEM\CurrentControlSet\Control'
$keys = @{
    current_version   = 'SOFTWARE\Microsoft\Windows NT\CurrentVersion',
        @('CurrentBuild', 'UBR', 'EditionID', 'DisplayVersion', 'InstallationType')
    device_guard      = "$control\DeviceGuard", @('EnableVirtualizationBasedSecurity')
    secure_boot       = "$control\SecureBoot\State", @('UEFISecureBootEnabled')
    memory_management = "$control\Session Manager\Memory Management", @('HotPatchRestrictions')
    environment       = "$control\Session Manager\Environment", @('PROCESSOR_ARCHITECTURE')
    policy_manager    = 'SOFTWARE\Microsoft\PolicyManager\current\device\Update',
        @('AllowRebootlessUpdates')
    windows_update    = 'SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate', @('WUServer')
}
foreach ($group in $keys.Keys) {
    $values = Read-Values $keys[$group][0] $keys[$group][1]
    if ($null -ne $values) { $agent[$group] = $values }
}
# Looked, and found nothing: CHPE is on.
if ($agent.memory_management -and -not $agent.memory_management.ContainsKey('HotPatchRestrictions')) {
    $agent.memory_management.HotPatchRestrictions = 'absent'
}
$agent.config_manager = @{ Installed = [bool](Get-Service CcmExec -ErrorAction SilentlyContinue) }

# One of the enrolments may be Intune's.
$providers = @(Get-ChildItem 'HKLM:\SOFTWARE\Microsoft\Enrollments' -ErrorAction SilentlyContinue |
    ForEach-Object { $_.GetValue('ProviderID') } | Where-Object { $_ })
$provider = if ($providers -contains 'MS DM Server') { 'MS DM Server' }
    elseif ($providers.Count -gt 0) { $providers[0] } else { 'none' }
$agent.enrollment = @{ ProviderID = $provider }

Read-Part 'Device Guard' {
    $guard = Get-CimInstance -ClassName Win32_DeviceGuard `
        -Namespace root\Microsoft\Windows\DeviceGuard
    if (-not $guard) { return }
    if (-not $agent.device_guard) { $agent.device_guard = @{} }
    $agent.device_guard.VirtualizationBasedSecurityStatus = $guard.VirtualizationBasedSecurityStatus
    $agent.device_guard.SecurityServicesConfigured = @($guard.SecurityServicesConfigured)
    $agent.device_guard.SecurityServicesRunning = @($guard.SecurityServicesRunning)
}

# The agent source takes this text apart.
Read-Part 'dsregcmd' { $agent.dsregcmd_text = (& dsregcmd.exe /status) -join "`n" }

# The newest first; definitions of Defender come several times a day and say nothing of Windows.
Read-Part 'update history' {
    $searcher = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher()
    $count = [Math]::Min($searcher.GetTotalHistoryCount(), 200)
    if ($count -eq 0) { return }
    if (-not $agent.windows_update) { $agent.windows_update = @{} }
    $agent.windows_update.History = @($searcher.QueryHistory(0, $count) |
        Where-Object { $_.Title -and $_.Title -notmatch 'KB2267602' } | Select-Object -First 16 |
        ForEach-Object { @{
            Title = $_.Title; Date = $_.Date.ToString('yyyy-MM-ddTHH:mm:ssZ', $invariant)
            Operation = [int]$_.Operation; ResultCode = [int]$_.ResultCode; HResult = $_.HResult
        } })
}

# The id of the device in Entra, or of the installation where it is not joined.
$id = if ($agent.dsregcmd_text -match '(?m)^\s*DeviceId : (\S+)') { $Matches[1] }
    else { (Read-Values 'SOFTWARE\Microsoft\Cryptography' @('MachineGuid')).MachineGuid }
$json = ConvertTo-Json -InputObject @{ device = @{ id = $id }; agent = $agent } -Depth 6 -Compress

# Under another name first: whoever reads the folder never sees half a report.
$name = Join-Path $Folder "$env:COMPUTERNAME.json"
[IO.File]::WriteAllText("$name.tmp", $json)
Move-Item -LiteralPath "$name.tmp" -Destination $name -Force
