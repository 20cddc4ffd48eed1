"""Where practice groups live: names, places and prices that go together.

Names are usual ones of each part of a country, put together at random: nobody is meant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from vsla_desktop.domain.currencies import currency


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The people of one or more places: the names that are usual there, of persons and groups.

    ``places`` are region, district, parish and village.
    """

    places: tuple[tuple[str, str, str, str], ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    families_of_women: tuple[str, ...]
    families_of_men: tuple[str, ...]
    group_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """A country with its people and money.

    ``share_values`` are usual prices of a share; the social fund and the fines are parts of them,
    in steps of ``step``. In ``phone`` each # is a digit.
    """

    country: str
    code: str
    currency: str
    language: str
    share_name: str
    share_values: tuple[int, ...]
    step: Decimal
    phone: str
    neighbours: tuple[Neighbours, ...]


def _people(places: str, *, women: str, men: str, families: str, groups: str) -> Neighbours:
    """Read people as they are written below: words between spaces, places and groups between bars.

    Families are those of women, a slash, and those of men, where they differ.
    """
    of_women, _, of_men = families.partition("/")
    found = []
    for place in places.split("|"):
        region, district, parish, village = (part.strip() for part in place.split(","))
        found.append((region, district, parish, village))
    return Neighbours(
        places=tuple(found),
        women=tuple(women.split()),
        men=tuple(men.split()),
        families_of_women=tuple(of_women.split()),
        families_of_men=tuple((of_men or of_women).split()),
        group_words=tuple(word.strip() for word in groups.split("|")),
    )


def _setting(
    country: str,
    code: str,
    money: tuple[str, str, str],
    *neighbours: Neighbours,
    language: str,
    share_name: str,
    phone: str,
) -> Setting:
    code_of_money, share_values, step = money
    return Setting(
        country=country,
        code=code,
        currency=code_of_money,
        language=language,
        share_name=share_name,
        share_values=tuple(int(value) for value in share_values.split()),
        step=Decimal(step),
        phone=phone,
        neighbours=neighbours,
    )


_UGANDAN_WOMEN = (
    "Amina Grace Fatuma Ruth Sarah Joyce Harriet Agnes Florence Betty Immaculate Jane Scovia"
    " Monica Beatrice Christine Annet Rose"
)
_UGANDAN_MEN = "Moses Joseph Peter Ronald Charles Godfrey Isaac Patrick Simon Robert Denis Fred"
_KENYAN_WOMEN = (
    "Esther Mercy Faith Beatrice Grace Lilian Rose Jane Caroline Eunice Mary Agnes Janet Dorcas"
    " Pauline Judith"
)
_KENYAN_MEN = "Daniel Samuel John Brian Peter Joseph James Stephen David Paul Kennedy Vincent"
_TANZANIAN_WOMEN = (
    "Neema Rehema Mwajuma Zainabu Anna Upendo Asha Furaha Mariamu Happiness Tatu Joyce Salome"
    " Stella Hadija"
)
_TANZANIAN_MEN = "Juma Hamisi Emmanuel Baraka Elias Frank Musa Godfrey Salum Peter Joseph Daudi"

SETTINGS: tuple[Setting, ...] = (
    _setting(
        "Rwanda",
        "RW",
        ("RWF", "200 500 1000", "50"),
        _people(
            "Southern,Huye,Rusatira,Kiruhura|Western,Karongi,Bwishyura,Gasura"
            "|Eastern,Kayonza,Mukarange,Nyagatovu|Northern,Musanze,Muhoza,Kigombe",
            women="Claudine Espérance Immaculée Jeannette Odette Vestine Solange Chantal"
            " Alphonsine Béatrice Josiane Marie Francine Donatille Agnès",
            men="Jean Emmanuel Innocent Théogène Faustin Célestin Vincent Damascène Eric Gaspard",
            families="Mukamana Uwimana Mukeshimana Nyiransabimana Uwase Mukandayisenga Ingabire"
            " Umutoni Uwamahoro Mukantwari Nyirahabimana Mukarugwiza/"
            "Habimana Niyonzima Hakizimana Ndayisaba Bizimana Nshimiyimana Nsengiyumva"
            " Twagirayezu Mugabo Ntakirutimana",
            groups="Twitezimbere|Abishyizehamwe|Dufatanye|Tuzamurane|Icyerekezo|Ubumwe",
        ),
        language="rw",
        share_name="umugabane",
        phone="+250 78# ### ###",
    ),
    _setting(
        "Uganda",
        "UG",
        ("UGX", "1000 2000 5000", "100"),
        _people(
            "Western,Mbarara,Rubaya,Bunenero",
            women=_UGANDAN_WOMEN,
            men=_UGANDAN_MEN,
            families="Kyomuhendo Atuhaire Ninsiima Natukunda Ainembabazi Tumusiime Asiimwe"
            " Kembabazi/Mugisha Byaruhanga Tumwesigye Muhwezi Twinomujuni Kamugisha Asiimwe",
            groups="Twimukye|Abesigana|Tweyombeke",
        ),
        _people(
            "Northern,Gulu,Bungatira,Punena",
            women=_UGANDAN_WOMEN,
            men=_UGANDAN_MEN,
            families="Akello Atim Auma Acan Aber Lamunu Adoch Lakot/"
            "Okello Ojok Otim Ocan Okot Opio Odongo Komakech",
            groups="Rubanga Twero|Can Rwede Peke|Note En Teko",
        ),
        _people(
            "Eastern,Mbale,Bufumbo,Bubirabi",
            women=_UGANDAN_WOMEN,
            men=_UGANDAN_MEN,
            families="Nambozo Khainza Nandudu Mutonyi Namono Nagudi Nabifo/"
            "Mafabi Masaba Woniala Wamimbi Mudoma Gizamba Wafula",
            groups="Tukolere Wamu|Peace and Love|Kwegatta",
        ),
        _people(
            "Central,Masaka,Bukakata,Kamwozi",
            women=_UGANDAN_WOMEN,
            men=_UGANDAN_MEN,
            families="Nakato Namukasa Nansubuga Nalubega Namatovu Nakimuli Nabukenya Nassali/"
            "Kato Ssekandi Mukasa Kiwanuka Lubega Ssemakula Kizito Ssentongo",
            groups="Kwegatta|Twezimbe|Agali Awamu",
        ),
        language="en",
        share_name="stamp",
        phone="+256 77# ######",
    ),
    _setting(
        "Kenya",
        "KE",
        ("KES", "50 100 200", "10"),
        _people(
            "Western,Kakamega,Butsotso,Shibuli",
            women=_KENYAN_WOMEN,
            men=_KENYAN_MEN,
            families="Nekesa Nafula Nasimiyu Naliaka Ayuma Khavere Shiroya/"
            "Wafula Barasa Wekesa Shikuku Makokha Lusweti Amunga",
            groups="Umoja|Tujikaze|Maendeleo",
        ),
        _people(
            "Nyanza,Siaya,Ugunja,Sidindi",
            women=_KENYAN_WOMEN,
            men=_KENYAN_MEN,
            families="Akinyi Atieno Achieng Awuor Adhiambo Anyango Auma/"
            "Otieno Odhiambo Onyango Omondi Ochieng Okoth Ouma",
            groups="Chuny Achiel|Umoja|Konyri Kendi",
        ),
        _people(
            "Coast,Kilifi,Ganze,Bamba",
            women="Zawadi Rehema Halima Riziki Salama Mapenzi Fatuma Mary Jumwa Neema Mercy Joyce",
            men="Hassan Juma Safari Emmanuel Daniel Samuel Nyale Harrison",
            families="Kadzo Dama Kache Sidi Kabibi Mbeyu Nyevu/"
            "Kazungu Charo Katana Karisa Kahindi Ngala Mwaro",
            groups="Amani|Upendo|Tumaini",
        ),
        _people(
            "Eastern,Makueni,Kaiti,Ukia",
            women=_KENYAN_WOMEN,
            men=_KENYAN_MEN,
            families="Mumbua Mueni Ndunge Wanza Mwikali Nduku Katunge/"
            "Mutua Musyoka Kilonzo Mutisya Muli Kioko Nzioka",
            groups="Wendo|Jitegemee|Kyeni",
        ),
        language="sw",
        share_name="hisa",
        phone="+254 71# ######",
    ),
    _setting(
        "Malawi",
        "MW",
        ("MWK", "500 1000 2000", "50"),
        _people(
            "Central,Dowa,Chakhaza,Mponela|Southern,Zomba,Mwambo,Jali"
            "|Northern,Mzimba,Mtwalo,Ekwendeni|Southern,Mulanje,Mabuka,Chambe",
            women="Chimwemwe Thokozani Mphatso Tamanda Esnart Loveness Chisomo Dorica Mercy Patuma"
            " Alinafe Mervis",
            men="Kondwani Yamikani Limbani Blessings Chikondi Madalitso Davie Gift Lackson Isaac",
            families="Banda Phiri Mwale Chirwa Nyirenda Kamanga Gondwe Chisale Msiska Tembo Kaunda"
            " Mbewe",
            groups="Tiyanjane|Chiyembekezo|Tigwirane Manja|Mwayi|Kalondolondo|Tithandizane",
        ),
        language="ny",
        share_name="share",
        phone="+265 99# ### ###",
    ),
    _setting(
        "Tanzania",
        "TZ",
        ("TZS", "1000 2000 5000", "100"),
        _people(
            "Kilimanjaro,Moshi,Uru,Mawella",
            women=_TANZANIAN_WOMEN,
            men=_TANZANIAN_MEN,
            families="Mushi Kimaro Massawe Shayo Lyimo Mrema Mlay Tarimo Minja Urassa Swai",
            groups="Tumaini|Upendo|Juhudi",
        ),
        _people(
            "Mbeya,Rungwe,Kiwira,Ilolo",
            women=_TANZANIAN_WOMEN,
            men=_TANZANIAN_MEN,
            families="Mwakalinga Mwakyusa Mwaipopo Mwakasege Mwambene Mwangosi Mwasandube Kibona",
            groups="Mshikamano|Amkeni|Juhudi",
        ),
        _people(
            "Dodoma,Chamwino,Buigiri,Chinangali",
            women=_TANZANIAN_WOMEN,
            men=_TANZANIAN_MEN,
            families="Ramadhani Athumani Rashidi Saidi Omari Hassani Mbwana Iddi Ndahani Mazengo",
            groups="Nguvu Kazi|Faraja|Tumaini",
        ),
        _people(
            "Mwanza,Magu,Kisesa,Bujora",
            women=_TANZANIAN_WOMEN,
            men=_TANZANIAN_MEN,
            families="Masanja Shija Mashauri Makoye Bundala Nyanda Luhende Kulwa Ngassa Maganga",
            groups="Mshikamano|Nguvu Kazi|Amani",
        ),
        language="sw",
        share_name="hisa",
        phone="+255 75# ### ###",
    ),
    _setting(
        "Burundi",
        "BI",
        ("BIF", "500 1000 2000", "100"),
        _people(
            "Gitega,Gitega,Makebuko,Murenda|Ngozi,Kiremba,Musasa,Gakere"
            "|Kayanza,Muhanga,Nyarurama,Rukago",
            women="Godeliève Spes Consolate Goreth Judith Libérate Aline Joséphine Domitille"
            " Perpétue",
            men="Jean Salvator Pascal Déogratias Melchior Audace Fidèle Leonidas",
            families="Ndayizeye Nahimana Niyongabo Hakizimana Nkurunziza Irakoze Bukuru Ndikumana"
            " Kwizera Nduwimana",
            groups="Dushirehamwe|Terimbere|Tugwizumwimbu|Girumwete|Sangwe",
        ),
        language="fr",
        share_name="part",
        phone="+257 79 ### ###",
    ),
    _setting(
        "Mali",
        "ML",
        ("XOF", "100 250 500", "25"),
        _people(
            "Sikasso,Bougouni,Kola,Kola|Ségou,Bla,Touna,Dougouolo"
            "|Koulikoro,Dioila,Banco,Niantjila|Mopti,Bandiagara,Dourou,Nombori",
            women="Aminata Fatoumata Mariam Kadiatou Oumou Assitan Awa Djénéba Rokia Sitan Bintou",
            men="Amadou Moussa Ibrahim Bakary Seydou Adama Drissa Modibo",
            families="Traoré Diarra Coulibaly Keïta Konaté Sissoko Dembélé Sangaré Touré Koné",
            groups="Benkadi|Sabugnuma|Djiguiya|Badenya|Nieta|Sinignesigui",
        ),
        language="fr",
        share_name="part",
        phone="+223 76 ## ## ##",
    ),
    _setting(
        "Mozambique",
        "MZ",
        ("MZN", "50 100 200", "10"),
        _people(
            "Nampula,Mogovolas,Nametil,Calipo|Zambézia,Gurúè,Lioma,Tetete"
            "|Inhambane,Massinga,Chicomo,Rio das Pedras|Sofala,Nhamatanda,Tica,Metuchira",
            women="Maria Celeste Fátima Rosa Lurdes Albertina Graça Isabel Joaquina Amélia Zaida",
            men="João Armando Alberto Paulo Carlos Fernando Abdul Ernesto",
            families="Machava Macuácua Sitoe Mondlane Cossa Nhantumbo Amade Mussa Chissano Langa",
            groups="Esperança|Boa Vontade|Wiwanana|Unidos Venceremos|Kuhluvuka",
        ),
        language="pt",
        share_name="acção",
        phone="+258 84 ### ####",
    ),
    _setting(
        "Ghana",
        "GH",
        ("GHS", "2 5 10", "0.5"),
        _people(
            "Northern,Savelugu,Nanton,Zoggu|Upper East,Bongo,Zorko,Tarongo"
            "|Volta,Hohoe,Lolobi,Kumasi|Ashanti,Ejura,Sekyedumase,Dromankuma",
            women="Abena Akosua Adwoa Efua Ama Fati Memunatu Esi Rahinatu Yaa Azara",
            men="Kwame Kofi Yaw Kojo Abdulai Iddrisu Kwabena Alhassan",
            families="Mensah Owusu Boateng Asante Yakubu Mahama Amoah Osei Adjei Fuseini",
            groups="Tiyumtaba|Nyame Adom|Suglo Mbori Buni|Biakoye|Songtaba",
        ),
        language="en",
        share_name="share",
        phone="+233 24 ### ####",
    ),
    _setting(
        "Zambia",
        "ZM",
        ("ZMW", "5 10 20", "1"),
        _people(
            "Southern,Monze,Bweengwa,Hakunkula|Eastern,Chipata,Chiparamba,Kapara"
            "|Northern,Kasama,Chilubula,Mulobola|Western,Mongu,Nalikwanda,Ushaa",
            women="Mutinta Chileshe Namwaka Bwalya Mwaka Inonge Monde Thandiwe Mwansa Choolwe",
            men="Mulenga Chanda Musonda Kabwe Hamoonga Mubita Lubinda Sitali",
            families="Mwale Zulu Hachoonde Mwanza Sakala Lungu Mweemba Siame Nyambe Tembo",
            groups="Twikatane|Tuyumfwane|Chibolya|Kwesu|Mukana Mayi",
        ),
        language="en",
        share_name="share",
        phone="+260 97# ######",
    ),
)


def setting_of(number: int, currency_code: str = "") -> Setting:
    """Return the country of a practice group; with a currency, one whose money that is.

    A currency of no country here is used by people of the first, with one of its middle coins as
    the price of a share.
    """
    settings = [each for each in SETTINGS if currency_code in {"", each.currency}]
    if settings:
        return settings[number % len(settings)]
    money = currency(currency_code)
    pieces = money.denominations
    share = max(int(pieces[len(pieces) // 2]), 1)
    return replace(
        SETTINGS[0], currency=money.code, share_values=(share,), step=money.smallest_piece
    )
