"""Times PyTorch's nn.LSTM at the papers' size: prints JSON, milliseconds of a training step (embedding,
LSTM, one output, Adam; no noise) and of a forward pass, medians.

    python3 tests/bench/torch_step.py THREADS REPETITIONS
"""
import json
import statistics
import sys
import time

import torch

WORDS, EMBEDDING, HIDDEN, STEPS, BATCH = 20_003, 300, 128, 200, 128


class Classifier(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(WORDS, EMBEDDING)
        self.lstm = torch.nn.LSTM(EMBEDDING, HIDDEN, batch_first=True)
        self.output = torch.nn.Linear(HIDDEN, 1)

    def forward(self, words):
        _, (last, _) = self.lstm(self.embedding(words))
        return self.output(last[-1])


def milliseconds(action, repetitions):
    action()
    times = []
    for _ in range(repetitions):
        started = time.monotonic()
        action()
        times.append(1000 * (time.monotonic() - started))
    return statistics.median(times)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    # Words by Zipf's law, as in the other benchmarks.
    words = (WORDS ** torch.rand(BATCH, STEPS)).long().clamp(1, WORDS) - 1
    targets = torch.ones(BATCH, 1)
    model = Classifier()
    adam = torch.optim.Adam(model.parameters(), 1e-3)

    def step():
        adam.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(model(words), targets).backward()
        adam.step()

    def forward():
        with torch.no_grad():
            model(words)

    repetitions = int(sys.argv[2])
    print(json.dumps({"version": torch.__version__, "step": milliseconds(step, repetitions),
                      "forward": milliseconds(forward, repetitions)}))


main()
