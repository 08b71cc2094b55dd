$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
try{[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false}catch{}
try{
[Console]::Out.WriteLine((Get-CimInstance Win32_OperatingSystem).LastBootUpTime.Ticks)
}catch{[Console]::Error.WriteLine(($_|Out-String));exit 1}
