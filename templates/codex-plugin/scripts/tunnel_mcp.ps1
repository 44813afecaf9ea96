# Runs the commands of this plugin from PowerShell, with the program that the plugin was installed by.
$ErrorActionPreference = 'Stop'
$root = Split-Path -Parent $PSScriptRoot
# Codex removes this folder at an upgrade, and a runtime keeps the folder that it was started in.
if ("$($PWD.ProviderPath)$([IO.Path]::DirectorySeparatorChar)".StartsWith("$root$([IO.Path]::DirectorySeparatorChar)")) { Set-Location -LiteralPath $HOME }
$words = @($args)
$given = $null
if ($words.Count -ge 2 -and $words[0] -eq '--tunnel-client-bin') {
  $given = $words[1]
  $words = @($words | Select-Object -Skip 2)
}
if ($words.Count -eq 0 -or $words[0] -in '-h', '--help') {
  'usage: tunnel_mcp [--tunnel-client-bin PATH] COMMAND [ARGS]'
  'commands: create connect list status stop disconnect rm remove cleanup admin-profiles diagnose self-check'
  exit 0
}
$hintFile = Join-Path $root '.tunnel-client-bin'
$hint = if (Test-Path -PathType Leaf $hintFile) { (Get-Content -TotalCount 1 $hintFile).Trim() }
$bin = @($given, $env:TUNNEL_CLIENT_BIN, $hint) | Where-Object { $_ -and (Test-Path -PathType Leaf $_) } | Select-Object -First 1
if (-not $bin) {
  [Console]::Error.WriteLine('tunnel_mcp: no tunnel-client. Name one with --tunnel-client-bin, or: npm install -g tunnel-client')
  exit 2
}
$command, $rest = $words
switch ($command) {
  { $_ -in 'create', 'connect', 'list', 'status', 'stop', 'disconnect', 'cleanup' } { $line = @('runtimes', $command) + $rest }
  { $_ -in 'rm', 'remove' } { $line = @('runtimes', 'rm') + $rest }
  'admin-profiles' { $line = @('admin-profiles') + $rest }
  { $_ -in 'diagnose', 'self-check' } { $line = @('codex', 'diagnose', '--plugin-root', $root) + $rest }
  default { [Console]::Error.WriteLine("tunnel_mcp: unknown command $command"); exit 2 }
}
$line = @($line | Where-Object { $null -ne $_ })
if ($line -notcontains '--json') { $line += '--json' }
if ($bin.EndsWith('.js')) { & node $bin @line } else { & $bin @line }
exit $LASTEXITCODE
