"""Types a line into an interactive shell on a terminal of its own, as a person does, and then "exit".

Usage: typed.py LINE SHELL [ARGUMENT...]     The shell's prompt is "ready> ". What the terminal shows is printed.
"""
import os
import pty
import signal
import sys

LIMIT_SECONDS = 120

lines = [sys.argv[1] + '\r', 'exit\r']
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])

signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
signal.alarm(LIMIT_SECONDS)
unanswered = b''
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        break
    sys.stdout.buffer.write(chunk)
    unanswered += chunk
    if lines and b'ready> ' in unanswered:
        unanswered = b''
        os.write(terminal, lines.pop(0).encode())
os.waitpid(child, 0)
