"""The progress of a stage: one line that moves on a terminal, a line for each epoch elsewhere and in the log."""

import sys
import time
from importlib import import_module
from typing import Any

from lighter.runs.console.pace import Work
from lighter.runs.console.progress_line import LineDisplay, takes_display
from lighter.runs.console.recording import current, say
from lighter.runs.console.values import duration, newest, of_epoch, told

DRAWN, SAID = 0.25, 60.0  # seconds between two drawings on a terminal, two lines elsewhere


def progress_bar(package: str) -> Any:
    """The callback, of the class that this one of Lightning's two packages takes for a progress bar.

    By the package's name, so that it can be pickled for processes that are spawned.
    """
    base = import_module(package).callbacks.ProgressBar
    return type("Progress", (_Hooks, base), {"__module__": __name__, "package": package})()


class _Hooks:
    """What a progress bar does at Lightning's hooks. A batch costs it a look at the clock."""

    package: str

    def __init__(self) -> None:
        super().__init__()
        self.is_enabled = True
        self._epoch: Work | None = None
        self._work: Work | None = None  # the epoch's, or what is done in its midst
        self._values: dict[str, float] = {}
        self._has_validated = self._is_whole = False
        self._display: LineDisplay | None = None
        self._interval, self._due = SAID, 0.0

    def __reduce__(self) -> tuple[Any, ...]:
        return progress_bar, (self.package,)

    def enable(self) -> None:
        """As Lightning's tuner asks."""
        self.is_enabled = True

    def disable(self) -> None:
        """As Lightning asks on all ranks but the first."""
        self.is_enabled = False
        self._stop()

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """Tells the epoch before, and begins one."""
        self._end_epoch(trainer)
        count = trainer.max_epochs
        name = f"epoch {trainer.current_epoch + 1}" + (f"/{count}" if count is not None and count > 0 else "")
        total: Any = self.total_train_batches  # type: ignore[attr-defined]  # of Lightning's class
        self._begin(name, total)
        self._epoch = self._work

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Counts a batch."""
        work = self._work
        if work is not None:
            work.done = batch_idx + 1
            if time.monotonic() >= self._due:
                self._show(trainer, work)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Takes the epoch for whole; its values come after this hook."""
        self._is_whole = True

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Tells the last epoch."""
        self._end_epoch(trainer)
        self._stop()

    def on_sanity_check_end(self, trainer: Any, pl_module: Any) -> None:
        """Forgets its values."""
        self._work, self._values = None, {}

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        """Begins it, in the midst of an epoch or by itself."""
        if trainer.sanity_checking:
            self._begin("sanity check", trainer.num_sanity_val_batches)
            return
        self._begin(f"{self._epoch.name} val" if self._epoch is not None else "validate", trainer.num_val_batches)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Returns to the epoch, or says that all is done."""
        if trainer.sanity_checking:
            return
        if self._epoch is None:
            self._end()
            return
        self._work, self._has_validated = self._epoch, True
        self._due = 0.0  # what it came to is shown with the next batch

    def on_test_start(self, trainer: Any, pl_module: Any) -> None:
        """Begins it."""
        self._begin("test", trainer.num_test_batches)

    def on_predict_start(self, trainer: Any, pl_module: Any) -> None:
        """Begins it."""
        self._begin("predict", trainer.num_predict_batches)

    def on_validation_batch_end(  # noqa: PLR0917  # Lightning's own
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Counts a batch, of whichever loader."""
        work = self._work
        if work is not None:
            work.done += 1
            if time.monotonic() >= self._due:
                self._show(trainer, work)

    on_test_batch_end = on_predict_batch_end = on_validation_batch_end

    def on_test_end(self, trainer: Any, pl_module: Any) -> None:
        """Tells that all is done."""
        self._end()

    on_predict_end = on_test_end

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Leaves the terminal as it was."""
        self._end_epoch(trainer)
        self._stop()

    def teardown(self, trainer: Any, pl_module: Any, stage: str) -> None:
        """Leaves the terminal as it was."""
        self._stop()

    def _begin(self, name: str, batches: Any) -> None:
        """Begins a pass over the batches of one loader or several."""
        if not self.is_enabled:
            return
        if self._display is None and takes_display(_console()):
            self._display = LineDisplay(_console())
            self._display.start()
            self._interval = DRAWN
        total = sum(batches) if isinstance(batches, list) else batches
        self._work = Work(name, int(total) if total != float("inf") else None)
        self._due = time.monotonic() + self._interval
        if self._display is not None:
            self._display.draw(self._work, self._values)

    def _show(self, trainer: Any, work: Work) -> None:
        now = time.monotonic()
        work.mark(now)
        self._due = now + self._interval
        self._values = newest(trainer)
        if self._display is not None:
            self._display.draw(work, self._values)
        else:
            say("  ".join((work.name, *work.told(), *told(self._values))))

    def _end_epoch(self, trainer: Any) -> None:
        """Tells what an epoch came to, if it was done to its end."""
        if self._epoch is not None and self._is_whole:
            values = of_epoch(trainer, newest(trainer))
            if not self._has_validated:  # values of an earlier epoch
                values = {name: value for name, value in values.items() if not name.startswith("val")}
            line = (self._epoch.name, *told(values), duration(time.monotonic() - self._epoch.start))
            say("  ".join(line), is_shown=self._display is None)
        self._epoch = self._work = None
        self._has_validated = self._is_whole = False

    def _end(self) -> None:
        """Tells that a pass by itself is done."""
        work, display = self._work, self._display
        self._work = None
        self._stop()
        if work is not None:
            took = duration(time.monotonic() - work.start)
            batches = f"{work.done} {'batch' if work.done == 1 else 'batches'}"
            say(f"{work.name}  {batches}  {took}", is_shown=display is None)

    def _stop(self) -> None:
        if self._display is not None:
            self._display.stop()
            self._display = None


def _console() -> Any:
    """The stream that the progress is shown on, as it was before the run."""
    recording = current()
    return recording.out.stream if recording is not None and recording.out is not None else sys.stdout
