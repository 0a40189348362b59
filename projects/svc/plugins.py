"""Plugins: the digits as arrays, and scikit-learn's support vector classifier, which reports its progress."""

import pickle
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from lighter import plugins

__all__ = ["SupportVectors", "digits"]


@plugins.data_access("digits")
def digits(split: str, seed: int = 0, limit: int | None = None) -> dict[str, NDArray[Any]]:
    """One part of the digits: images as rows of 64 numbers in [0, 1], labels, and indices in the whole set.

    The parts are those of projects/digits/datasets.py.
    """
    found = load_digits()
    everything, labels = np.arange(len(found.target)), found.target
    train, rest = train_test_split(everything, train_size=0.6, stratify=labels, random_state=seed)
    val, test = train_test_split(rest, train_size=0.5, stratify=labels[rest], random_state=seed)
    indices = np.sort({"train": train, "val": val, "test": test}[split])[:limit]
    return {"images": found.data[indices] / 16, "labels": labels[indices], "ids": indices}


@plugins.model("svc.SVC", state_cb_arg_name="report")
class SupportVectors(plugins.Model):
    """The SVC with the gamma, of several, that does best on a held-out part of the training data."""

    def __init__(self, penalty: float = 10.0, gammas: tuple[float, ...] = (0.01, 0.03, 0.1)) -> None:
        self.penalty = penalty
        self.gammas = gammas
        self.svc = SVC(C=penalty, gamma=gammas[0])

    def fit(self, images: NDArray[Any], labels: NDArray[Any], held_out: float = 0.25, report: Any = None) -> None:
        parts = train_test_split(images, labels, test_size=held_out, stratify=labels, random_state=0)
        seen, unseen, seen_labels, unseen_labels = parts
        best = -1.0
        for count, gamma in enumerate(self.gammas, 1):
            accuracy = SVC(C=self.penalty, gamma=gamma).fit(seen, seen_labels).score(unseen, unseen_labels)
            report({"progress": count / (len(self.gammas) + 1), "gamma": gamma, "accuracy": accuracy})
            if accuracy > best:
                best, self.svc = accuracy, SVC(C=self.penalty, gamma=gamma)
        self.svc.fit(images, labels)
        report({"progress": 1.0})

    def predict(self, images: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(self.svc.predict(images))

    def serialize(self) -> bytes:
        return pickle.dumps(self.svc)

    @classmethod
    def deserialize(cls, instance_bytes: bytes) -> "SupportVectors":
        model = cls()
        model.svc = pickle.loads(instance_bytes)  # noqa: S301  # runs what code it brings: load only files you trust
        return model
