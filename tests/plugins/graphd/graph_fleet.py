# SPDX-License-Identifier: Apache-2.0
"""The tenant that the stand-in for Microsoft Graph serves: devices, groups, policies, catalogue.

Everything follows from a seed. A device is a number; what it is, is computed from the number when
it is asked for, and only what changes (last contact, revision, whether it still exists) is kept.
Property names and types are those of the Graph metadata of 2026-08."""

import calendar
import hashlib
import time
import uuid

EPOCH = "2026-08-14T12:00:00Z"
NO_ENTRA = "00000000-0000-0000-0000-000000000000"
STEP_S = 8 * 3600  # by which one round moves the tenant's clock

# Parts of 16 bits, each a property: the choices, in sixteenths.
SKUS = [4] * 9 + [121, 48, 48, 101, 27, 125, 0]
REVISIONS = [9106] * 6 + [8875] * 4 + [9168] * 3 + [8655, 8737, 9445]
JOINS = ["azureADJoined"] * 10 + ["hybridAzureADJoined"] * 4 + ["azureADRegistered", "unknown"]
AGENTS = (["mdm"] * 9 + ["configurationManagerClientMdm"] * 4
          + ["configurationManagerClient", "msSense", "unknownFutureValue"])
VBS = (["running"] * 9 + ["notConfigured"] * 2
       + ["rebootRequired", "doesNotMeetHardwareRequirements", "notLicensed", "other",
          "unknownFutureValue"])
ENROLMENTS = {"azureADJoined": "windowsAzureADJoin", "azureADRegistered": "userEnrollment",
              "hybridAzureADJoined": "windowsAutoEnrollment", "unknown": "unknown"}
STATES = ["enrolled"] * 8 + ["enrolledWithPolicy"] * 4 + ["notEnrolled"] * 2 + ["enrolling"] * 2

V1_PROPERTIES = frozenset("""
    id deviceName serialNumber userPrincipalName model manufacturer operatingSystem osVersion
    azureADDeviceId azureADRegistered deviceEnrollmentType managementAgent lastSyncDateTime
    configurationManagerClientEnabledFeatures enrolledDateTime complianceState
    managementState managedDeviceOwnerType deviceRegistrationState deviceHealthAttestationState
    """.split())
BETA_PROPERTIES = V1_PROPERTIES | frozenset("""
    azureActiveDirectoryDeviceId aadRegistered skuFamily skuNumber joinType processorArchitecture
    hardwareInformation deviceType chassisType autopilotEnrolled managementFeatures""".split())


def seconds(text):
    """Seconds since 1970 of a DateTimeOffset in UTC."""
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


def instant(when):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))


class Fleet:
    """The devices of one tenant."""

    def __init__(self, count, seed=1, now=EPOCH):
        self.seed = str(seed).encode()
        self.now = seconds(now)
        self.last_sync, self.revision, self.gone = [], [], set()
        self.by_id = {}
        for _ in range(count):
            self.add()

    def digest(self, number, what=b"device"):
        return hashlib.blake2b(b"%s/%s/%d" % (self.seed, what, number), digest_size=32).digest()

    def add(self):
        number = len(self.last_sync)
        parts = self.digest(number)
        self.last_sync.append(self.now - parts[0] * 3600 - parts[1] * 7)
        self.revision.append(REVISIONS[parts[2] % 16])
        self.by_id[self.intune_id(number)] = number

    def intune_id(self, number):
        return str(uuid.UUID(bytes=self.digest(number, b"intune")[:16]))

    def entra_id(self, number):
        """Also a device that never registered with Entra has this property: zeros."""
        if number % 97 == 41:
            return NO_ENTRA
        return str(uuid.UUID(bytes=self.digest(number, b"entra")[:16]))

    def is_windows(self, number):
        return number % 23 != 7

    def advance(self):
        """Eight hours pass: a twentieth of the devices syncs, some leave, some come."""
        before, self.now = self.now, self.now + STEP_S
        changed = []
        for number in range(len(self.last_sync)):
            parts = hashlib.blake2b(b"%s/%d/%d" % (self.seed, self.now, number),
                                    digest_size=8).digest()
            if number in self.gone:
                continue
            if parts[0] < 2:
                self.gone.add(number)
                del self.by_id[self.intune_id(number)]
                changed.append(number)
            elif parts[0] < 14:
                self.last_sync[number] = before + parts[1] * 112
                self.revision[number] = 9445 if parts[2] < 64 else self.revision[number]
                changed.append(number)
        for _ in range(max(1, len(self.last_sync) // 500)):
            changed.append(len(self.last_sync))
            self.add()
        return changed

    def managed_device(self, number):
        """The whole managedDevice of beta, as GET of the single device knows it."""
        parts = self.digest(number)
        join = JOINS[parts[3] % 16]
        agent = AGENTS[parts[4] % 16]
        windows = self.is_windows(number)
        build = 26200 if parts[5] % 2 else 26100
        version = f"10.0.{build}.{self.revision[number]}" if windows else "18.6"
        moved = parts[6] % 4 != 0
        return {
            "id": self.intune_id(number), "deviceName": f"PC-{number:06d}",
            "serialNumber": f"SN{number:08d}", "userPrincipalName": f"user{number}@contoso.example",
            "model": "Surface Laptop 7", "manufacturer": "Microsoft Corporation",
            "operatingSystem": "Windows" if windows else "iOS", "osVersion": version,
            "azureADDeviceId": self.entra_id(number),
            "azureActiveDirectoryDeviceId": self.entra_id(number),
            "azureADRegistered": self.entra_id(number) != NO_ENTRA or None,
            "aadRegistered": True, "deviceEnrollmentType": ENROLMENTS[join],
            "managementAgent": agent if windows else "mdm",
            "managedDeviceOwnerType": ("company", "company", "company", "personal")[parts[7] % 4],
            "managementState": "managed", "complianceState": "compliant",
            "deviceRegistrationState": "registered",
            "enrolledDateTime": "0001-01-01T00:00:00Z" if parts[8] % 16 == 0 else EPOCH,
            "lastSyncDateTime": instant(self.last_sync[number]),
            "configurationManagerClientEnabledFeatures": {
                "inventory": True, "modernApps": True, "resourceAccess": True,
                "deviceConfiguration": moved, "compliancePolicy": True,
                "windowsUpdateForBusiness": moved, "endpointProtection": True, "officeApps": True},
            "deviceHealthAttestationState": None, "skuFamily": "Enterprise",
            "skuNumber": SKUS[parts[9] % 16], "joinType": join, "deviceType": "windowsRT",
            "processorArchitecture": "arM64" if parts[10] % 8 == 0 else "x64",
            "chassisType": "laptop", "autopilotEnrolled": False, "managementFeatures": "none",
            "hardwareInformation": self.hardware(number, VBS[parts[11] % 16]),
        }

    def hardware(self, number, vbs):
        return {"serialNumber": f"SN{number:08d}", "totalStorageSpace": 512_000_000_000,
                "operatingSystemEdition": "Enterprise", "operatingSystemProductType": 4,
                "deviceGuardVirtualizationBasedSecurityState": vbs,
                "deviceGuardVirtualizationBasedSecurityHardwareRequirementState":
                    "meetHardwareRequirements",
                "deviceGuardLocalSystemAuthorityCredentialGuardState": "notConfigured"}

    def listed(self, number):
        """As a list shows it: hardwareInformation is empty, null or with nothing but defaults."""
        device = self.managed_device(number)
        device["hardwareInformation"] = None if number % 2 else {
            "serialNumber": None, "totalStorageSpace": 0, "operatingSystemProductType": 0,
            "deviceGuardVirtualizationBasedSecurityState": "running",
            "deviceGuardVirtualizationBasedSecurityHardwareRequirementState":
                "meetHardwareRequirements",
            "deviceGuardLocalSystemAuthorityCredentialGuardState": "running"}
        return device

    def numbers(self):
        return (n for n in range(len(self.last_sync)) if n not in self.gone)

    def named(self):
        """Windows devices that have a name in Entra."""
        return (n for n in self.numbers() if self.is_windows(n) and self.entra_id(n) != NO_ENTRA)
