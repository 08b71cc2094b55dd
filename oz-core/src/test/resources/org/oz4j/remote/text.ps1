$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
try{[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false}catch{}
try{
systeminfo.exe
Get-Date
exit ([int]$LASTEXITCODE)
}catch{[Console]::Error.WriteLine(($_|Out-String));exit 1}
