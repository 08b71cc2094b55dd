$out=New-Object IO.StreamWriter([Console]::OpenStandardOutput(),(New-Object Text.UTF8Encoding $false))
$any=[Globalization.CultureInfo]::InvariantCulture
$bits=@{$true='x86_64';$false='i386'}[[Environment]::Is64BitOperatingSystem]
function Tell($name,$version,$arch,$vendor,$day){
$time=''
try{$noon=[DateTime]::ParseExact("$day",'yyyyMMdd',$any).AddHours(12)
$time=[long]($noon-[DateTime]'1970-01-01').TotalSeconds}catch{}
$out.Write(((@($name,$version,$arch,$vendor,$time)|ForEach-Object {"$_" -replace '\s+',' '}) -join "`t")+"`n")}
$os=Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$build="$([Environment]::OSVersion.Version.ToString(3)).$($os.UBR)"
Tell $os.ProductName $build $bits 'Microsoft' ''
foreach($key in 'SOFTWARE','SOFTWARE\WOW6432Node'){
$arch=@{$true='i386';$false=$bits}[$key -ne 'SOFTWARE']
Get-ChildItem "HKLM:\$key\Microsoft\Windows\CurrentVersion\Uninstall" -ErrorAction SilentlyContinue|
ForEach-Object {$name=$_.GetValue('DisplayName')
if($name){Tell $name $_.GetValue('DisplayVersion') $arch $_.GetValue('Publisher') $_.GetValue('InstallDate')}}}
Get-WindowsOptionalFeature -Online|Where-Object {$_.State -eq 'Enabled'}|Sort-Object FeatureName|
ForEach-Object {Tell $_.FeatureName $build $bits 'Microsoft' ''}
Get-HotFix|Sort-Object HotFixID|ForEach-Object {
$day=try{$_.InstalledOn.ToString('yyyyMMdd',$any)}catch{}
Tell $_.HotFixID '' $bits 'Microsoft' $day}
$out.Flush()