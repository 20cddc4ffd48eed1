"""Where practice groups live: names, places and prices that go together.

Names are usual ones of each country, put together at random: nobody is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Setting:
    """A country with its names, places and money.

    ``places`` are region, district, parish and village. ``share_values`` are usual prices of a
    share; the social fund and the fines are parts of them, in steps of ``step``.
    """

    country: str
    code: str
    currency: str
    language: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    places: tuple[tuple[str, str, str, str], ...]
    group_words: tuple[str, ...]
    share_name: str
    share_values: tuple[int, ...]
    step: Decimal
    phone: str


def _setting(  # noqa: PLR0913 - the columns of the table below
    country: str,
    code: str,
    money: tuple[str, str, str],
    *,
    language: str,
    women: str,
    men: str,
    families: str,
    places: str,
    groups: str,
    share_name: str,
    phone: str,
) -> Setting:
    """Read a setting as it is written below: words between spaces, places between bars."""
    currency, share_values, step = money
    found = []
    for place in places.split("|"):
        region, district, parish, village = place.split(",")
        found.append((region.strip(), district.strip(), parish.strip(), village.strip()))
    return Setting(
        country=country,
        code=code,
        currency=currency,
        language=language,
        women=tuple(women.split()),
        men=tuple(men.split()),
        families=tuple(families.split()),
        places=tuple(found),
        group_words=tuple(word.strip() for word in groups.split("|")),
        share_name=share_name,
        share_values=tuple(int(value) for value in share_values.split()),
        step=Decimal(step),
        phone=phone,
    )


SETTINGS: tuple[Setting, ...] = (
    _setting(
        "Rwanda",
        "RW",
        ("RWF", "200 500 1000", "50"),
        language="rw",
        women="Claudine Esperance Immaculee Jeannette Odette Vestine Solange Chantal Alphonsine "
        "Beatrice Josiane Marie Francine Donatille Agnes",
        men="Jean Emmanuel Innocent Theogene Faustin Celestin Vincent Damascene Eric Gaspard",
        families="Mukamana Uwimana Mukeshimana Nyiransabimana Habimana Niyonzima Hakizimana "
        "Uwase Ndayisaba Mukandayisenga Bizimana Nshimiyimana Ingabire Umutoni",
        places="Southern,Huye,Rusatira,Kiruhura|Western,Karongi,Bwishyura,Gasura"
        "|Eastern,Kayonza,Mukarange,Nyagatovu|Northern,Musanze,Muhoza,Kigombe",
        groups="Twitezimbere|Abishyizehamwe|Dufatanye|Tuzamurane|Icyerekezo|Ubumwe",
        share_name="umugabane",
        phone="+250 78",
    ),
    _setting(
        "Uganda",
        "UG",
        ("UGX", "1000 2000 5000", "100"),
        language="en",
        women="Amina Grace Fatuma Ruth Sarah Joyce Harriet Agnes Florence Betty Prossy Immaculate "
        "Jane Scovia Monica",
        men="Moses Joseph Peter Ronald Charles Godfrey Isaac Patrick Simon Robert",
        families="Nakato Okello Mugisha Atim Kato Achieng Namukasa Tumusiime Akello Byaruhanga "
        "Nansubuga Ochieng Kyomuhendo Auma",
        places="Western,Mbarara,Rubaya,Bunenero|Northern,Gulu,Bungatira,Punena"
        "|Eastern,Mbale,Bufumbo,Bubirabi|Central,Masaka,Bukakata,Kamwozi",
        groups="Twezimbe|Kwegatta|Rubanga Twero|Tukolere Wamu|Peace and Love|Can Rwede Peke",
        share_name="stamp",
        phone="+256 77",
    ),
    _setting(
        "Kenya",
        "KE",
        ("KES", "50 100 200", "10"),
        language="sw",
        women="Wanjiru Akinyi Nekesa Mumbua Halima Chebet Esther Mercy Faith Zawadi Rehema "
        "Nafula Wambui Atieno",
        men="Kamau Otieno Wafula Musyoka Hassan Kiprono Daniel Samuel John Brian",
        families="Mwangi Odhiambo Barasa Mutua Mohamed Cheruiyot Njoroge Onyango Wekesa Kilonzo "
        "Karanja Omondi",
        places="Western,Kakamega,Butsotso,Shibuli|Nyanza,Siaya,Ugunja,Sidindi"
        "|Coast,Kilifi,Ganze,Bamba|Eastern,Makueni,Kaiti,Ukia",
        groups="Umoja|Tujikaze|Maendeleo|Upendo|Jitegemee|Amani",
        share_name="hisa",
        phone="+254 71",
    ),
    _setting(
        "Malawi",
        "MW",
        ("MWK", "500 1000 2000", "50"),
        language="ny",
        women="Chimwemwe Thokozani Mphatso Tamanda Esnart Loveness Chisomo Dorica Mercy "
        "Patuma Alinafe Mervis",
        men="Kondwani Yamikani Limbani Blessings Chikondi Madalitso Davie Gift Lackson Isaac",
        families="Banda Phiri Mwale Chirwa Nyirenda Kamanga Gondwe Chisale Msiska Tembo Kaunda "
        "Mbewe",
        places="Central,Dowa,Chakhaza,Mponela|Southern,Zomba,Mwambo,Jali"
        "|Northern,Mzimba,Mtwalo,Ekwendeni|Southern,Mulanje,Mabuka,Chambe",
        groups="Tiyanjane|Chiyembekezo|Tigwirane Manja|Mwayi|Kalondolondo|Tithandizane",
        share_name="share",
        phone="+265 99",
    ),
    _setting(
        "Tanzania",
        "TZ",
        ("TZS", "1000 2000 5000", "100"),
        language="sw",
        women="Neema Rehema Mwajuma Zainabu Anna Upendo Asha Furaha Mariamu Happiness Tatu Joyce",
        men="Juma Hamisi Emmanuel Baraka Rashidi Elias Frank Musa Godfrey Salum",
        families="Mushi Kimaro Massawe Ramadhani Mwakalinga Shayo Kibona Mbwana Lyimo Mollel "
        "Mrema Sanga",
        places="Kilimanjaro,Moshi,Uru,Mawella|Mbeya,Rungwe,Kiwira,Ilolo"
        "|Dodoma,Chamwino,Buigiri,Chinangali|Mwanza,Magu,Kisesa,Bujora",
        groups="Tumaini|Mshikamano|Nguvu Kazi|Juhudi|Amkeni|Faraja",
        share_name="hisa",
        phone="+255 75",
    ),
    _setting(
        "Burundi",
        "BI",
        ("BIF", "500 1000 2000", "100"),
        language="fr",
        women="Godelieve Spes Consolate Goreth Judith Liberate Aline Josephine Domitille Perpetue",
        men="Jean Salvator Pascal Deogratias Melchior Audace Fidele Leonidas",
        families="Ndayizeye Nahimana Niyongabo Hakizimana Nkurunziza Irakoze Bukuru Ndikumana "
        "Kwizera Nduwimana",
        places="Gitega,Gitega,Makebuko,Murenda|Ngozi,Kiremba,Musasa,Gakere"
        "|Kayanza,Muhanga,Nyarurama,Rukago",
        groups="Dushirehamwe|Terimbere|Tugwizumwimbu|Girumwete|Sangwe",
        share_name="part",
        phone="+257 79",
    ),
    _setting(
        "Mali",
        "ML",
        ("XOF", "100 250 500", "25"),
        language="fr",
        women="Aminata Fatoumata Mariam Kadiatou Oumou Assitan Awa Djeneba Rokia Sitan Bintou",
        men="Amadou Moussa Ibrahim Bakary Seydou Adama Drissa Modibo",
        families="Traore Diarra Coulibaly Keita Konate Sissoko Dembele Sangare Toure Kone",
        places="Sikasso,Bougouni,Kola,Kola|Segou,Bla,Touna,Dougouolo"
        "|Koulikoro,Dioila,Banco,Niantjila|Mopti,Bandiagara,Dourou,Nombori",
        groups="Benkadi|Sabugnuma|Djiguiya|Badenya|Nieta|Sinignesigui",
        share_name="part",
        phone="+223 76",
    ),
    _setting(
        "Mozambique",
        "MZ",
        ("MZN", "50 100 200", "10"),
        language="pt",
        women="Maria Celeste Fatima Rosa Lurdes Albertina Graca Isabel Joaquina Amelia Zaida",
        men="Joao Armando Alberto Paulo Carlos Fernando Abdul Ernesto",
        families="Machava Macuacua Sitoe Mondlane Cossa Nhantumbo Amade Mussa Chissano Langa",
        places="Nampula,Mogovolas,Nametil,Calipo|Zambezia,Gurue,Lioma,Tetete"
        "|Inhambane,Massinga,Chicomo,Rio das Pedras|Sofala,Nhamatanda,Tica,Metuchira",
        groups="Esperanca|Boa Vontade|Wiwanana|Unidos Venceremos|Kuhluvuka",
        share_name="accao",
        phone="+258 84",
    ),
    _setting(
        "Ghana",
        "GH",
        ("GHS", "2 5 10", "0.5"),
        language="en",
        women="Abena Akosua Adwoa Efua Ama Fati Memunatu Esi Rahinatu Yaa Azara",
        men="Kwame Kofi Yaw Kojo Abdulai Iddrisu Kwabena Alhassan",
        families="Mensah Owusu Boateng Asante Yakubu Mahama Amoah Osei Adjei Fuseini",
        places="Northern,Savelugu,Nanton,Zoggu|Upper East,Bongo,Zorko,Tarongo"
        "|Volta,Hohoe,Lolobi,Kumasi|Ashanti,Ejura,Sekyedumase,Dromankuma",
        groups="Tiyumtaba|Nyame Adom|Suglo Mbori Buni|Biakoye|Songtaba",
        share_name="share",
        phone="+233 24",
    ),
    _setting(
        "Zambia",
        "ZM",
        ("ZMW", "5 10 20", "1"),
        language="en",
        women="Mutinta Chileshe Namwaka Bwalya Mwaka Inonge Monde Thandiwe Mwansa Choolwe",
        men="Mulenga Chanda Musonda Kabwe Hamoonga Mubita Lubinda Sitali",
        families="Mwale Zulu Hachoonde Mwanza Sakala Lungu Mweemba Siame Nyambe Tembo",
        places="Southern,Monze,Bweengwa,Hakunkula|Eastern,Chipata,Chiparamba,Kapara"
        "|Northern,Kasama,Chilubula,Mulobola|Western,Mongu,Nalikwanda,Ushaa",
        groups="Twikatane|Tuyumfwane|Chibolya|Kwesu|Mukana Mayi",
        share_name="share",
        phone="+260 97",
    ),
)

EXPENSES = (
    "Stationery",
    "Transport to the bank",
    "A new padlock",
    "Tea for the training",
    "A stamp pad",
)
GRANTS = ("Burial", "Illness", "Childbirth", "House burnt", "School fees in need")
PURPOSES = (
    "Seeds and fertiliser",
    "Goats",
    "A sewing machine",
    "Stock for the shop",
    "School fees",
    "Hens",
    "Repair of the roof",
    "Fish to sell",
    "A bicycle",
    "Second-hand clothes to sell",
)
DIFFERENCES = ("A note was counted twice", "Change was given wrongly", "A coin was lost")
EXCUSES = ("Ill", "At a funeral", "At the market", "With a sick child")
