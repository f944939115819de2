#!/usr/bin/env python3
"""CPU seconds per megapixel of OpenCV's DIS flow and of gdm's matcher on one scene, by turns, in one run.

    python3 tests/Benchmarks/dis_and_gdm.py SCENE GDM.DLL [THREADS] [TURNS]

SCENE holds pre.tif, post.tif and truth.tif. DIS: finest scale 0, patch 8, as in the tables of docs/methods.md. Needs Debian's python3-opencv; no test runs this.
"""
import json
import os
import statistics
import subprocess
import sys

import cv2
import numpy


def eight_bits(path):
    image = cv2.imread(path, cv2.IMREAD_UNCHANGED).astype(numpy.float32)
    low, high = numpy.percentile(image, [0.5, 99.5])
    return numpy.clip((image - low) / (high - low) * 255, 0, 255).astype(numpy.uint8)


def dis(before, after):
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow.setFinestScale(0)
    flow.setPatchSize(8)
    start = os.times()
    flow.calc(before, after, None)
    end = os.times()
    return (end.user + end.system - start.user - start.system) / (before.size / 1e6)


def gdm(program, scene, threads, megapixels):
    # The command warms up by itself before it measures.
    command = ["dotnet", program, "bench", "accuracy", scene, "--method", "correlation", "--threads", str(threads), "--json"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return report["scenes"][0]["cost"]["cpuSeconds"] / megapixels


def main():
    scene, program = sys.argv[1:3]
    threads, turns = (int(sys.argv[3]) if len(sys.argv) > 3 else 1), (int(sys.argv[4]) if len(sys.argv) > 4 else 5)
    cv2.setNumThreads(threads)
    before, after = eight_bits(os.path.join(scene, "pre.tif")), eight_bits(os.path.join(scene, "post.tif"))
    dis(before, after)
    rows = [(dis(before, after), gdm(program, scene, threads, before.size / 1e6)) for _ in range(turns)]
    flow, ours = statistics.median(r[0] for r in rows), statistics.median(r[1] for r in rows)
    print(f"DIS {flow:.2f}, gdm {ours:.2f} CPU seconds per megapixel, ratio {ours / flow:.1f} ({threads} threads, medians of {turns} turns)")


main()
