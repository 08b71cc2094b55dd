$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
try{[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false}catch{}
try{
$ozFile='C:\Windows\Temp\oz-0123\script.ps1'
$ozScript=[ScriptBlock]::Create([IO.File]::ReadAllText($ozFile))
[IO.Directory]::Delete([IO.Path]::GetDirectoryName($ozFile),$true)
Set-Location C:\
& $ozScript
exit ([int]$LASTEXITCODE)
}catch{[Console]::Error.WriteLine(($_|Out-String));exit 1}
