$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
try{[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false}catch{}
try{
$path='C:\a b\it''s.txt'
[void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))
$file=[IO.File]::Create($path)
try{[Console]::OpenStandardInput().CopyTo($file)}finally{$file.Close()}
}catch{[Console]::Error.WriteLine(($_|Out-String));exit 1}
