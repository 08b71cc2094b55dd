$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
try{[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false}catch{}
try{
$file=[IO.File]::OpenRead('C:\a b\it''s.txt')
try{$file.CopyTo([Console]::OpenStandardOutput())}finally{$file.Close()}
}catch{[Console]::Error.WriteLine(($_|Out-String));exit 1}
