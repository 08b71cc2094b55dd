$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
try{[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false}catch{}
try{
[Environment]::SetEnvironmentVariable('A','it''s')
[Environment]::SetEnvironmentVariable('B','2')
& 'Get-Item' '-Path' 'C:\it''s'
exit ([int]$LASTEXITCODE)
}catch{[Console]::Error.WriteLine(($_|Out-String));exit 1}
