"""Evidence cards through the program: pages, uploads, refusals, and the same address again."""

from __future__ import annotations

import base64
import csv
import io
from datetime import date, timedelta

import orjson
import pytest
from sqlalchemy import delete

from dashboards import kartu_bantuan, kartu_peta
from data import cards
from data.store import UPLOADS
from tests import lakes

GAMBIR, CIDENG = "31.71.01.1001", "31.71.01.1002"
GOOD = f"kode,penerima,kebutuhan\n{GAMBIR},120,100\n{CIDENG},50,80\n".encode()
NIK = "3171014101900001"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A lake with a year of simulated air, traffic and rain."""
    home = tmp_path_factory.mktemp("kartu")
    lake = lakes.empty_lake(home)
    air, flow, rain = [], [], []
    for number in range(365):
        day = date(2025, 3, 11) + timedelta(days=number)
        told = {
            "known_day": day + timedelta(days=1),
            "day": day,
            "simulated": True,
            "assumed": False,
            "readings": 24,
        }
        delay, fallen = 60.0 + number % 11, 9.0 * (number % 4 == 0)
        value = 30.0 + 0.5 * (number % 11) - fallen / 2 + number % 3
        air.append(told | {"station_id": "DKI1", "told": (1 << 24) - 1, "value_sum": 24 * value})
        flow.append(
            told
            | {"corridor_id": "K001", "speed_sum": 480.0, "slow": 2}
            | {"delays": 24, "delay_sum": 24 * delay}
        )
        rain.append(told | {"station_id": "1", "rain_mm": fallen})
    with lake.write() as cursor:
        lakes.declare_feeds(cursor)
        for table, rows in (("pm25_days", air), ("corridor_days", flow), ("rain_days", rain)):
            lakes.insert_all(cursor, table, rows)
    lake.close()
    return home


@pytest.fixture(scope="module")
def module_server(make, home):
    return make(home)


@pytest.fixture
def client(module_server, hands):
    next(iter(module_server.extensions["cache"])).clear()
    site = module_server.extensions["komando"]
    with site.store._engine.begin() as connection:
        connection.execute(delete(UPLOADS))
    return module_server.test_client()


def become(client, role):
    client.set_cookie("peran", role)
    return client


def send(client, file=GOOD, **changes):
    body = {
        "kind": "bansos",
        "name": "bansos.csv",
        "source": "Dinas Sosial, rekap triwulan I",
        "dated": "2026-02-28",
        "simulated": False,
        "content": base64.b64encode(file).decode(),
    }
    return client.post("/tren/kartu/berkas/unggah", json=body | changes)


def text_of(node):
    if isinstance(node, dict):
        return text_of(node.get("props", {}).get("children"))
    if isinstance(node, list):
        return " ".join(filter(None, map(text_of, node)))
    return "" if node is None else str(node)


def shown(client, card, query=""):
    answer = client.get(f"/panel/kartu-{card}?{query}")
    assert answer.status_code == 200
    body = answer.get_data()
    return text_of(orjson.loads(body)) if body[:1] != b"<" else body.decode()


@pytest.mark.parametrize("card", cards.registry())
def test_every_card_is_shown_with_its_question_inputs_caveats_and_definition(client, card):
    assert client.get(f"/tren/kartu/{card}").status_code == 200
    text = shown(client, card)
    known = cards.registry()[card]
    assert known.question in text
    assert known.definition in text
    assert all(caveat in text for caveat in known.caveats)
    assert all(pillar in text for pillar in known.pillars)
    assert "Masukan" in text


def test_a_card_without_data_says_so_and_asks_for_them(client):
    assert "Belum ada data" in shown(client, "bantuan")
    assert "Berkas data…" in shown(client, "ruang-kota")


def test_the_public_sees_no_card_and_brings_no_file(client):
    become(client, "publik")
    assert client.get("/tren/kartu").status_code == 403
    assert client.get("/panel/kartu-bantuan").status_code == 403
    assert client.get("/tren/kartu/bantuan/data.csv").status_code == 403
    assert client.get("/tren/kartu/berkas?jenis=bansos").status_code == 403


@pytest.mark.parametrize("role", ["lurah", "camat", "inspektur"])
def test_who_reads_cards_need_not_bring_files(client, role):
    become(client, role)
    assert client.get("/panel/kartu-bantuan").status_code == 200
    assert send(client).status_code == 403
    assert "Unggah berkas" not in client.get("/tren/kartu/berkas?jenis=bansos").get_data(True)


def test_the_relation_is_told_with_its_interval_and_never_as_a_cause(client):
    text = shown(client, "udara-macet")
    assert "Pada hari macet PM2.5 lebih tinggi" in text
    assert "Bukan sebab-akibat." in text
    assert "DATA SIMULASI" in text
    assert "menyebabkan" not in text
    assert "bersamaan dengan berlakunya aturan" not in text


def test_a_rule_brings_a_before_and_after_or_says_that_too_little_is_told(client):
    text = shown(client, "udara-macet", "tanda=2020-04-10")
    assert "Sebelum dan sesudah 10 April 2020" in text
    assert "belum cukup pekan tercatat" in text


@pytest.mark.parametrize("card", ["udara-macet", "ruang-kota", "banjir-pompa"])
@pytest.mark.parametrize(
    "query",
    ["dari=0001-01-01", "dari=9999-12-31", "sampai=x", "dari=2026-03-10", "pada=1950-01-01"],
)
def test_a_span_that_cannot_be_is_refused_in_words(client, card, query):
    assert "Kartu ini tidak dapat ditampilkan" in shown(client, card, query)
    assert client.get(f"/tren/kartu/{card}/data.csv?{query}").status_code == 400


def test_an_unknown_card_is_no_page(client):
    assert client.get("/tren/kartu/x/data.csv").status_code == 404
    assert client.get("/tren/kartu/berkas?jenis=x").status_code == 404
    assert client.get("/tren/kartu/templat/x.csv").status_code == 404


def test_a_file_that_is_kept_stands_on_its_card_until_it_is_withdrawn(client, hands):
    number = send(client).get_json()["id"]
    text = shown(client, "bantuan", f"bansos={number}")
    assert "Kebutuhan sedikitnya 30 keluarga tidak terjangkau" in text
    assert "sedikitnya 20 penerima di luar kebutuhan" in text
    assert "265 kelurahan tidak disebut berkas" in text
    assert "Dinas Sosial, rekap triwulan I" in text
    assert "DATA SIMULASI" not in text
    table = client.get("/panel/kartu-bantuan-tabel").get_data(as_text=True)
    assert table.index("Cideng") < table.index("Gambir")
    assert client.post("/tren/kartu/berkas/tarik", json={"id": number}).status_code == 200
    hands.move(seconds=2)
    assert "tidak ada atau sudah ditarik" in shown(client, "bantuan", f"bansos={number}")


def test_a_number_that_no_database_holds_is_refused(client):
    answer = client.post("/tren/kartu/berkas/tarik", json={"id": 10**30})
    assert answer.status_code == 400
    assert "tidak dapat dibaca" in answer.get_json()["error"]


def test_the_map_has_a_class_for_each_share_and_hatches_what_no_file_tells():
    def square(code, west):
        ring = [[west, -6.2], [west + 1, -6.2], [west + 1, -6.1], [west, -6.1], [west, -6.2]]
        geometry = orjson.dumps({"type": "Polygon", "coordinates": [ring]}).decode()
        return {
            "level": "kelurahan",
            "code": code,
            "name": code,
            "geometry": geometry,
            "approximate": True,
        }

    drawn = kartu_peta.draw(
        [square(GAMBIR, 106), square(CIDENG, 107), square("31.01.01.1001", 90)],
        {GAMBIR: 0.3, CIDENG: None},
        {GAMBIR: "Gambir: 30,0 %"},
        kartu_bantuan.CLASSES,
        "Peta",
    )
    (figure,) = (node.figure for node in drawn._traverse() if hasattr(node, "figure"))
    *classes, silent, points = figure.data
    assert [len(area.x or ()) for area in classes] == [0, 0, 0, 6]
    assert min(x for x in silent.x if x is not None) == 107
    assert silent.fillpattern.shape == "/"
    assert list(points.text) == ["Gambir: 30,0 %", f"{CIDENG}: belum ada data"]
    assert "Batas perkiraan." in str(drawn)
    assert kartu_peta.draw([], {}, {}, kartu_bantuan.CLASSES, "Peta") is None


def test_the_lasting_address_gives_the_same_answer_after_a_withdrawal(client, hands):
    number = send(client, simulated=True).get_json()["id"]
    hands.move(minutes=1)
    rows = client.get("/tren/kartu/bantuan/data.csv").get_data(as_text=True)
    address = next(line for line in rows.splitlines() if "Alamat: " in line).split("?")[1]
    hands.move(minutes=1)
    before = client.get(f"/panel/kartu-bantuan?{address}").get_data()
    client.post("/tren/kartu/berkas/tarik", json={"id": number})
    hands.move(days=40)
    assert client.get(f"/panel/kartu-bantuan?{address}").get_data() == before
    assert b"DATA SIMULASI" in before


def test_the_lasting_address_of_a_card_of_facts_gives_the_same_bytes_later(client, hands):
    hands.move(minutes=5)
    rows = client.get("/tren/kartu/udara-macet/data.csv").get_data(as_text=True)
    address = next(line for line in rows.splitlines() if "Alamat: " in line).split("?")[1]
    hands.move(minutes=5)
    before = client.get(f"/panel/kartu-udara-macet?{address}").get_data()
    hands.move(days=20)
    next(iter(client.application.extensions["cache"])).clear()
    assert client.get(f"/panel/kartu-udara-macet?{address}").get_data() == before


def test_the_points_are_a_table_with_what_they_mean(client):
    rows = client.get("/tren/kartu/udara-macet/data.csv").get_data(as_text=True)
    assert "Bukan sebab-akibat" in rows
    assert "DATA SIMULASI" in rows
    body = [line for line in rows.splitlines() if not line.lstrip("\ufeff").startswith("#")]
    table = list(csv.DictReader(io.StringIO("\n".join(body))))
    assert len(table) == 365
    assert table[0]["hari udara"] == "2025-03-11"


def test_all_that_is_wrong_in_a_file_is_told_and_nothing_is_kept(client):
    answer = send(client, f"kode,penerima,kebutuhan\n31.71.01.9999,1,1\n{GAMBIR},x,1\n".encode())
    assert answer.status_code == 422
    assert "Baris 2" in answer.get_json()["error"]
    assert "Baris 3" in answer.get_json()["error"]
    assert "Belum ada data" in shown(client, "bantuan")


def test_a_file_about_persons_is_refused_and_nothing_of_it_is_repeated(client, caplog):
    answer = send(client, f"kode,NIK,penerima,kebutuhan\n{GAMBIR},{NIK},1,1\n".encode())
    assert answer.status_code == 422
    assert "data orang" in answer.get_json()["error"]
    assert NIK not in answer.get_data(as_text=True) + caplog.text


@pytest.mark.parametrize(
    "changes",
    [
        *({"kind": "x"}, {"source": ""}, {"dated": ""}, {"dated": "2027-01-01"}),
        *({"content": "%%"}, {"content": None}, {"name": 5}),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_reason(client, changes):
    answer = send(client, **changes)
    assert answer.status_code == 422
    assert answer.get_json()["error"]


def test_more_than_may_be_sent_is_refused_before_it_is_read(client):
    class Unread(io.RawIOBase):
        def readinto(self, _buffer):
            raise AssertionError("the body was read")

    answer = client.post(
        "/tren/kartu/berkas/unggah",
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": "200000000", "wsgi.input": Unread()},
    )
    assert answer.status_code == 413
    assert "5 MB" in answer.get_json()["error"]


def test_only_the_role_that_brought_a_file_takes_it_back(client):
    number = send(client).get_json()["id"]
    become(client, "pimpinan")
    assert client.post("/tren/kartu/berkas/tarik", json={"id": number}).status_code == 422
    assert client.post("/tren/kartu/berkas/tarik", json={"id": "1"}).status_code == 422


def test_a_template_is_taken_as_it_is_filled_in(client):
    template = client.get("/tren/kartu/templat/bansos.csv").get_data()
    filled = template.replace(f"{GAMBIR},Gambir,,,".encode(), f"{GAMBIR},Gambir,5,9,4".encode())
    assert filled != template
    number = send(client, filled).get_json()["id"]
    assert "Kebutuhan 5 keluarga tidak terjangkau" in shown(client, "bantuan", f"bansos={number}")


def test_the_page_of_an_area_tells_of_its_own_kelurahan(client):
    number = send(client).get_json()["id"]
    text = shown(client, "bantuan", f"bansos={number}&wilayah={GAMBIR}")
    assert "Kebutuhan sedikitnya 0 keluarga" in text
    assert "sedikitnya 20 penerima" in text
