$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
try{[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false}catch{}
try{
foreach($path in @('C:\a','C:\it''s')){if([IO.File]::Exists($path)){[IO.File]::Delete($path)}}
}catch{[Console]::Error.WriteLine(($_|Out-String));exit 1}
