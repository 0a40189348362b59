def test_what_cannot_be_converted_writes_nothing(lighter, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("a: 1\n")
    assert lighter("convert", "model=big").returncode == 2
    done = lighter("convert", "a.yaml")
    assert done.returncode == 2
    assert "error: nothing in 'a.yaml' tells what config it is: write " in done.stderr
    assert "there already" in lighter("convert", "a.yaml", "--to=a.yaml").stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]
