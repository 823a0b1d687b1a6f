@echo off
rem The command line of the packaged app. It runs on the Node that lies beside it.
"%~dp0node.exe" "%~dp0..\dist\main\headgate.js" %*
