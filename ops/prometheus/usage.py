"""The machines' usage according to the kernel, to compare with their own metrics."""

import os
import pathlib
import time


class Usage:
    """Samples taken while the load runs, since the usage in a window is the difference of its ends."""

    def __init__(self, machines):
        self.machines = machines
        self.processor = {machine: [] for machine in machines}

    def sample(self):
        for machine in self.machines:
            # Without the command's name, which may hold spaces.
            words = self.file(machine, "stat").read_text().rsplit(")", 1)[1].split()
            ticks = int(words[11]) + int(words[12])
            self.processor[machine].append((time.time(), ticks / os.sysconf("SC_CLK_TCK")))

    def processor_rate(self, machine, moment, window):
        inside = [sample for sample in self.processor[machine] if moment - window <= sample[0] <= moment]
        return (inside[-1][1] - inside[0][1]) / window

    def resident(self, machine):
        return int(self.file(machine, "statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    def open_files_share(self, machine):
        [limit] = [line for line in self.file(machine, "limits").read_text().splitlines()
                   if line.startswith("Max open files")]
        return len(os.listdir(self.file(machine, "fd"))) / int(limit.split()[3])

    @staticmethod
    def file(machine, name):
        return pathlib.Path(f"/proc/{machine.pid}/{name}")
