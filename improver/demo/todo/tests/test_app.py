def test_an_empty_list_invites_the_first_task(client):
    assert "Nothing to do yet" in client.get("/").text


def test_an_added_task_is_shown(client):
    client.post("/tasks", data={"title": "Water the plants"})
    assert "Water the plants" in client.get("/").text


def test_a_blank_title_adds_nothing(client):
    client.post("/tasks", data={"title": "   "})
    assert "Nothing to do yet" in client.get("/").text


def test_an_edit_keeps_the_steps_and_guesses_the_time(client):
    client.post("/tasks", data={"title": "Bake bread"})
    client.post("/tasks/1/edit", data={"title": "Bake rye bread", "notes": "Feed the starter\nKnead\nBake"})
    page = client.get("/").text
    assert "Bake rye bread" in page
    assert "3 steps · about 7 min" in page


def test_what_is_not_yours_is_not_found(client):
    client.post("/tasks", data={"title": "Mine"})
    client.delete_cookie("visitor")
    assert client.get("/tasks/1/edit").status_code == 404
    assert client.post("/tasks/1/delete").status_code == 404


def test_markup_in_a_title_stays_text(client):
    client.post("/tasks", data={"title": "<script>alert(1)</script>"})
    assert "<script>alert" not in client.get("/").text


def test_it_says_that_it_is_well(client):
    assert client.get("/healthz").json["status"] == "ok"
