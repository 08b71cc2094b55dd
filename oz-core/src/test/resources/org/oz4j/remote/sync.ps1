$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
try{[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false}catch{}
try{
Get-Volume|Where-Object {$_.DriveLetter -and $_.DriveType -eq 'Fixed'}|ForEach-Object {Write-VolumeCache -DriveLetter $_.DriveLetter}
}catch{[Console]::Error.WriteLine(($_|Out-String));exit 1}
