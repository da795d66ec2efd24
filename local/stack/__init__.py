"""The deployed stack on the embedded emulator: build, deploy, launch, and the emulator itself."""
