# Finds a tunnel-client and has it install its plugin into Codex.
$ErrorActionPreference = 'Stop'
$root = Split-Path -Parent $PSScriptRoot
$bin = $env:TUNNEL_CLIENT_BIN
$rest = @()
for ($at = 0; $at -lt $args.Count; $at++) {
  switch -Regex ($args[$at]) {
    '^--?tunnel-client-bin$' { $at++; $bin = $args[$at] }
    '^--?(codex-home|marketplace)$' { $rest += "--$($Matches[1])"; $at++; $rest += $args[$at] }
    '^(-h|--help)$' { 'usage: Install-Plugin.ps1 [--tunnel-client-bin PATH] [--codex-home PATH] [--marketplace NAME]'; exit 0 }
    default { [Console]::Error.WriteLine("Install-Plugin.ps1: unknown argument $_"); exit 2 }
  }
}
$hintFile = Join-Path $root '.tunnel-client-bin'
if (-not $bin -and (Test-Path -PathType Leaf $hintFile)) { $bin = (Get-Content -TotalCount 1 $hintFile).Trim() }
if (-not $bin -or -not (Test-Path -PathType Leaf $bin)) { $bin = (Get-Command tunnel-client -ErrorAction SilentlyContinue).Source }
if (-not $bin) {
  [Console]::Error.WriteLine('Install-Plugin.ps1: no tunnel-client found. Install one (npm install -g tunnel-client) or name it.')
  exit 2
}
if ($bin.EndsWith('.js')) { & node $bin codex plugin install @rest } else { & $bin codex plugin install @rest }
exit $LASTEXITCODE
