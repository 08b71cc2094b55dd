$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
try{[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false}catch{}
try{
while(Get-CimInstance Win32_Service -Filter "State='Start Pending'"){Start-Sleep -Seconds 1}
$failed=@(Get-CimInstance Win32_Service -Filter "StartMode='Auto' AND State='Stopped'"|Where-Object {$_.ExitCode -notin 0,1077})
foreach($one in $failed){[Console]::Out.WriteLine("$($one.Name) failed with $($one.ExitCode)")}
if($failed){exit 1}
}catch{[Console]::Error.WriteLine(($_|Out-String));exit 1}
