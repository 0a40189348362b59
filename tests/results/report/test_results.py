import re

from lighter.results.report.results import results


def cells(markup: str) -> list[list[str]]:
    """The rows of all tables, as text."""
    rows = re.findall(r"<tr>(.*?)</tr>", markup)
    return [[re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]


def test_a_stage_is_a_table_of_metrics_by_mode(make_record) -> None:
    rows = cells(results([make_record()]))
    assert rows[:3] == [["Metric", "train", "val"], ["loss", "0.5500", "0.6000"], ["accuracy", "", "0.7500"]]
    assert ["val loss", "lowest", "0.6000 epoch 2"] in rows
    assert ["best checkpoint", "checkpoints/best.ckpt"] in rows


def test_several_runs_stand_side_by_side(make_record) -> None:
    better = [{"epoch": 4, "step": 9, "val/loss/epoch": 0.1}]
    records = [make_record("a"), make_record("b", better, **{"results.json": {"test": {"test/loss/epoch": 0.2}}})]
    made = results(records)
    rows = cells(made)
    assert ["val loss", "0.6000", ""] in rows
    assert ["test loss", "", "0.2000"] in rows
    assert ["val loss", "lowest", "0.6000 epoch 2", "0.1000 epoch 5"] in rows
    assert "<strong>0.1000</strong>" in made


def test_predictions_are_named(make_record) -> None:
    made = results([make_record(**{"results.json": {"predict": ["predictions/<a>.csv"]}})])
    assert "predictions/&lt;a&gt;.csv" in made


def test_files_in_the_folder_are_named_as_seen_from_there(make_record, tmp_path) -> None:
    inside, outside = tmp_path / "runs" / "run" / "checkpoints" / "best.ckpt", tmp_path / "runs" / "run-2" / "last.ckpt"
    made = results([make_record(**{"results.json": {"checkpoints": {"best": str(inside), "last": str(outside)}}})])
    assert ["best checkpoint", "checkpoints/best.ckpt"] in cells(made)
    assert ["last checkpoint", str(outside)] in cells(made)


def test_nothing_recorded_is_told(make_record) -> None:
    assert "No stage has recorded results." in results([make_record(rows=[], **{"results.json": None})])


def test_results_of_another_form_stop_nothing(make_record) -> None:
    odd = {"fit": [1], "test": {"a": None, "b": "text"}, "checkpoints": 3, "predict": "here"}
    assert ["b", "text"] in cells(results([make_record(**{"results.json": odd})]))
