@echo off
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0tunnel_mcp.ps1" %*
