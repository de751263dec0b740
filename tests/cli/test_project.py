from recorder.cli.project import project_name


def test_name_of_the_work_tree(tmp_path):
    deep = tmp_path / "shop" / "src" / "cart"
    deep.mkdir(parents=True)
    (tmp_path / "shop" / ".git").mkdir()
    assert project_name(deep) == "shop"


def test_linked_work_tree_has_a_file(tmp_path):
    (tmp_path / "shop" / "src").mkdir(parents=True)
    (tmp_path / "shop" / ".git").write_text("gitdir: elsewhere")
    assert project_name(tmp_path / "shop" / "src") == "shop"


def test_folder_without_git(tmp_path):
    (tmp_path / "notes").mkdir()
    assert project_name(tmp_path / "notes") == "notes"
