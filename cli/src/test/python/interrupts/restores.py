"""Put back what signal.signal returned, as libraries do."""

import signal

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    old = signal.signal(number, signal.SIG_IGN)
    print(number.name, old)
    signal.signal(number, old)
print(signal.set_wakeup_fd(-1))
