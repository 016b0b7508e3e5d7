/** How people ask for the relations of geography that few passages have: records, counts, names. Owns short phrases. */
import { readPhrases } from '../readers/phrases.ts';

/** Phrases by relation; `it` and `there` stand for the subject. */
export const GEOGRAPHY_SINGLE_RELATIONS: Readonly<Record<string, readonly string[]>> = readPhrases(`
largest-river: which river carries the most water; biggest river by volume; mightiest river;
  river with the greatest flow
largest-freshwater-lake: what is the biggest lake of fresh water; which freshwater lake covers the most;
  lake without salt, the largest; greatest freshwater lake
oldest-lake: which lake is the oldest; most ancient lake; lake that formed first; lake millions of years old
highest-lake: which lake lies the highest; lake at the greatest altitude; lake up in the mountains that ships sail on;
  highest navigable lake
deepest-ocean: which ocean is the deepest; ocean with the greatest depth; ocean that goes down the furthest;
  deepest of the five oceans
widest-waterfall: which waterfall is the widest; biggest waterfall system; broadest falls; largest group of waterfalls
saltiest-sea: where is the water saltiest; saltiest lake; sea where you float without swimming;
  water with the most salt
warmest-sea: which sea is the warmest; sea with the hottest water; warmest water to swim in; hottest sea
largest-sea: which sea is the biggest; most extensive sea; largest inland sea; sea with the greatest area
oceans: name the five oceans; what are the oceans called; list of the oceans; which oceans are there
largest-bay: which bay is the biggest; most extensive bay; bay with the greatest area; biggest bay on earth
largest-gulf: which gulf is the biggest; most extensive gulf; gulf with the greatest area; biggest gulf on earth
largest-delta: which river delta is the biggest; most extensive delta; where is the biggest delta;
  biggest river mouth of many arms
largest-drainage-basin: which river drains the most land; biggest river basin; largest catchment area;
  river system collecting water from the widest area
water-share: how much of the Earth is covered by water; what percentage of the planet is water;
  share of the surface under the sea; how much of the globe is ocean
saltwater-share: how much of the Earth's water is salty; percentage of salt water;
  what share of all water is in the oceans; how much water is not fresh
strongest-current: which ocean current is the strongest; biggest ocean current; mightiest current of the sea;
  current that carries the most water
largest: which of them is the biggest; biggest one of the group; which one covers the most;
  the greatest of these lakes
smallest: which of them is the smallest; tiniest one of the group; which one covers the least;
  the littlest of these lakes
only-us: which of them lies entirely in the USA; the one not shared with Canada; only one fully in the United States;
  great lake without a Canadian shore
branches: what are its two arms; which rivers join to form it; main tributaries; two branches that meet
waterfall: which waterfall is on the river; famous falls of the river; what falls does the river have;
  name of the falls on it
capitals: which capital cities lie on the river; capitals along the river; through which capitals does it flow;
  capitals on its banks
rivers: between which two rivers does it lie; land between two rivers; which rivers watered it; name the two rivers
canyon: which river carved the canyon; what river runs through the Grand Canyon; river that cut the gorge;
  what dug the canyon
named-by: who gave it its name; who named the ocean; by whom was it named; which explorer called it that
third-highest-mountain: what is the third tallest mountain; which mountain comes third in height;
  number three among mountains; third highest peak
tallest-mountain-from-base: tallest mountain measured from its foot;
  mountain taller than Everest if counted from the sea floor; greatest height from base to top;
  tallest from bottom to top
highest-volcano: which volcano is the tallest; volcano at the greatest altitude; tallest volcano on earth;
  highest fire mountain
largest-volcano: which volcano is the biggest; biggest active volcano; most massive volcano;
  volcano with the greatest volume
longest-mountain-range: which mountains stretch the furthest; longest mountain chain;
  longest chain of mountains on land; mountain range of greatest length
highest-mountain-range: which mountains are the highest; tallest mountain range; highest chain of mountains;
  range with the tallest peaks
longest-underwater-range: longest mountain chain under the sea; mountains below the ocean; longest submarine range;
  mountain range on the sea floor
largest-hot-desert: which hot desert is the biggest; biggest desert of sand and heat; most extensive hot desert;
  largest desert apart from the poles
driest-desert: which desert is the driest; desert with the least rain; where does it never rain; driest of all deserts
driest-place: where is the driest place; place with the least rain; driest inhabited region; where does it rain least
second-largest-island: which island is the second biggest; island after Greenland in size; number two among islands;
  second biggest isle
third-largest-island: which island is the third biggest; number three among islands; third biggest isle;
  island in third place by size
most-populous-continent: on which continent do most people live; continent with the most people;
  continent with the largest population; most inhabited continent
least-populous-continent: on which continent do the fewest people live; continent with hardly any people;
  continent with the smallest population; continent without permanent inhabitants
coldest-continent: which continent is the coldest; continent of ice; iciest continent; driest and windiest continent
hottest-continent: which continent is the hottest; warmest continent; continent with the most heat;
  hottest of the seven
highest-continent: which continent is the highest on average; continent with the greatest average elevation;
  loftiest continent; continent highest above the sea
continent-most-countries: which continent has the most countries; most nations on one continent;
  where are there the most states; continent with the largest number of countries
continents: name the seven continents; what are the continents called; list of the continents;
  which continents are there
coldest-temperature: how cold has it ever been; lowest temperature ever measured; record cold; coldest day on Earth;
  where was the cold record set
hottest-temperature: how hot has it ever been; highest temperature ever measured; record heat; hottest day on Earth;
  where was the heat record set
wettest-place: where does it rain the most; rainiest place; place with the most rain; wettest spot on earth
coldest-inhabited-place: coldest village; coldest town where people live; where do people live in the greatest cold;
  coldest place with inhabitants
southernmost-city: which city is furthest south; most southerly town; last city before Antarctica;
  city at the southern end of the world
coldest-capital: which capital is the coldest; capital with the coldest winters; coldest seat of government;
  capital city with the lowest temperature
largest-rainforest: which rainforest is the biggest; biggest jungle; most extensive rain forest;
  largest tropical forest
largest-peninsula: which peninsula is the biggest; most extensive peninsula; biggest half-island;
  peninsula with the greatest area
largest-archipelago: which island group is the biggest; biggest chain of islands;
  country made of thousands of islands; most extensive archipelago
country-most-islands: which country has the most islands; nation with the greatest number of islands;
  who has the most islands; most isles of any country
country-most-lakes: which country has the most lakes; nation with the greatest number of lakes;
  land of a million lakes; more lakes than any other country
country-most-time-zones: which country has the most time zones; nation spread over most time zones;
  most time zones with territories; who has twelve time zones
country-most-time-zones-mainland: country with most time zones in one piece;
  how many time zones does the biggest country span; most time zones without territories; eleven time zones
country-most-languages: which country has the most languages; where are the most tongues spoken;
  most linguistically diverse country; nation with hundreds of languages
country-most-volcanoes: which country has the most volcanoes; nation with the greatest number of active volcanoes;
  most fire mountains; where are most volcanoes
double-landlocked: countries surrounded only by landlocked countries; doubly landlocked;
  two borders away from the sea; which countries need to cross two others to reach the sea
enclaves: countries inside another country; which states are surrounded by one single country; nation within a nation;
  enclosed by one neighbour
transcontinental: countries on two continents; which countries are in both Europe and Asia;
  nations spanning two continents; partly in Europe and partly in Asia
largest-canyon: which canyon is the biggest; biggest gorge; most famous canyon; deepest great gorge
largest-cave: which cave is the biggest; biggest cave passage; most spacious cave; largest cavern
longest-cave: which cave is the longest; longest system of caves; cave with the most kilometres of passages;
  longest underground passages
largest-monolith: which single rock is the biggest; biggest rock; great red rock; largest stone
largest-salt-flat: which salt flat is the biggest; biggest salt desert; largest salt pan; white plain of salt
longest-wall: which wall is the longest; longest fortification; wall thousands of kilometres long; greatest wall
largest-muslim-country: which country has the most Muslims; largest Muslim population; where do most Muslims live;
  biggest Islamic country
largest-island-country: which island nation is the biggest; biggest country made of islands; largest island state;
  most extensive island nation
largest-democracy: which democracy is the biggest; most people in a democracy; biggest democratic country;
  most populous democracy
oldest-republic: which republic is the oldest; longest existing republic; first republic still around;
  most ancient republic
most-visited-country: which country gets the most tourists; most popular with tourists; top holiday destination;
  where do most visitors go
largest-coffee-producer: where does most coffee come from; who grows the most coffee; top coffee grower;
  country that produces most coffee
largest-tea-producer: where does most tea come from; who grows the most tea; top tea grower;
  country that produces most tea
largest-rice-producer: where does most rice come from; who grows the most rice; top rice grower;
  countries that produce most rice
largest-cocoa-producer: where does most cocoa come from; who grows the most cocoa beans; top cocoa grower;
  country behind most chocolate
largest-copper-producer: where does most copper come from; who mines the most copper; top copper miner;
  country that produces most copper
largest-oil-reserves: who has the most oil; where is the most oil in the ground; biggest petroleum reserves;
  country with the most crude left
second-most-native-speakers: second most common mother tongue; language in second place by native speakers;
  number two native language; second language by speakers from birth
smallest-country-mainland: smallest country that is not an island; tiniest mainland country;
  littlest nation on the African mainland; smallest continental country of Africa
smallest-country-note: tiniest independent state of South America; littlest South American country;
  smallest sovereign nation on that continent; smallest independent country
portuguese: where in South America do they speak Portuguese; Portuguese-speaking country;
  only South American nation that speaks Portuguese; which country there has Portuguese as its tongue
two-continents: which city is on two continents; city in both Europe and Asia; city split between continents;
  city across the strait on two continents
smallest-state: which state is the smallest; tiniest US state; state with the least land; littlest of the fifty states
least-populous-state: which state has the fewest people; state with the smallest population; least inhabited US state;
  emptiest state by residents
second-largest-state: which state is the second biggest; biggest state after Alaska;
  number two among the states by area; second most land of any state
newest-state: which state joined last; fiftieth state; youngest US state; most recent state
first-state: which state was first to join; first to ratify the constitution; oldest US state; state number one
four-corners: which states meet in one point; states that touch at the Four Corners; where do four states meet;
  four states sharing a corner
great-lakes-states: which states lie on the Great Lakes; states bordering the Great Lakes;
  states with a Great Lakes shore; US states around the lakes
borders-note: which state touches only one other state; state with a single neighbour; borders just one state;
  only one neighbouring state
province-count: how many provinces are there; number of provinces; provinces and territories;
  how many provinces and territories does it have
largest-province: which province is the biggest; province with the most land; largest province by area;
  biggest territory
most-populous-province: which province has the most people; most inhabited province;
  province with the largest population; where do most of its people live, in which province
smallest-province: which province is the smallest; tiniest province; province with the least land; littlest province
canton-count: how many cantons are there; number of cantons; count of cantons;
  how many member states does the confederation have
prefecture-count: how many prefectures are there; number of prefectures; count of prefectures;
  into how many prefectures is it divided
territories: which lands belong to the kingdom; overseas territories; what islands does it own; dependent territories
commercial-capital: what is its business centre; commercial centre; economic capital; city where its trade is done
second-most-populous-country: which country has the second most people; second biggest population;
  number two by population; runner-up by inhabitants
most-populous-country-today: which country has the most people today; most populous now; biggest population nowadays;
  currently the most people
flag-shape: which flag is not a rectangle; odd-shaped flag; only non-rectangular flag; what shape is the flag
flag-tree: which tree is on the flag; what plant is on the flag; tree in the middle of the flag; flag with a tree
radius: how far is it to the centre of the Earth; distance from the surface to the centre; radius of the planet;
  half the width of the Earth
axis-tilt: how far is the Earth's axis tilted; angle of the axis; how slanted is the planet; obliquity;
  inclination of the axis
rotation: how long does the Earth take to turn once; length of a day; time of one spin;
  how fast does it spin on its axis
orbit: how long does the Earth take to go round the Sun; length of a year; time of one trip around the Sun;
  days in one orbit
core: what is the centre of the Earth made of; what metals are in the core; inside of the core;
  material of the Earth's core
thickest-layer: which layer of the Earth is the thickest; layer with the most volume; biggest layer;
  which layer goes down the furthest
thinnest-layer: which layer of the Earth is the thinnest; outermost layer; layer we live on; skin of the Earth
liquid-layer: which layer of the Earth is liquid; molten layer; where is the liquid metal in the Earth;
  which part inside flows
lowest-layer: which layer of the atmosphere is the lowest; in which layer does weather happen;
  air layer nearest the ground; first layer of the atmosphere
first-reached: who got there first; who was the first to reach the pole; first person at the South Pole;
  which explorer reached it first
named-after: after whom is it named; who gave America its name; whose name does it bear;
  why is the continent called that
owner: who owns it; which country does it belong to, if any; whose is it; who governs Antarctica
largest-station: which research station is the biggest; biggest base; where do most scientists stay;
  largest base in Antarctica
`);
