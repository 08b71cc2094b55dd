; ${title}, written by Oz for Java. It holds a password in clear: keep it to yourself.

[Data]
AutoPartition="1"
MsDosInitiated="0"
UnattendedInstall="Yes"

[Unattended]
UnattendMode="FullUnattended"
UnattendSwitch="Yes"
OemSkipEula="Yes"
OemPreinstall="No"
TargetPath="${target}"
Repartition="Yes"
FileSystem="ConvertNTFS"
WaitForReboot="No"
DriverSigningPolicy="Ignore"
NonDriverSigningPolicy="Ignore"

[GuiUnattended]
AdminPassword="${password}"
EncryptedAdminPassword="No"
AutoLogon="Yes"
AutoLogonCount="1"
OEMSkipRegional="1"
OemSkipWelcome="1"
TimeZone="${timezone}"

[UserData]
${keyname}="${key}"
FullName="User"
OrgName="None"
ComputerName="${hostname}"

[LicenseFilePrintData]
AutoMode="PerServer"
AutoUsers="5"

[Networking]
InstallDefaultComponents="Yes"

[Identification]
JoinWorkgroup="WORKGROUP"

[GuiRunOnce]
Command0="wscript.exe //B A:\${script}"
