"""Names of services that hand out keys: beside one, a random run is likely to be a credential.

Names alone, without anything about their keys. They are those of public directories of interfaces
(https://github.com/public-apis/public-apis, MIT: the entries that ask for a key or for OAuth) and of services in common
use. Words that ordinary text uses often (`segment`, `square`, `line`) are left out: other rules look for those. A name
stands for all that begin with it.
"""

VENDORS: tuple[str, ...] = tuple(
    """
    1forge 7digital abstractapi abuseipdb accuweather acrelens adafruit adoptapet adzuna aemet aftership aimastering
    airbrake airship airtable airvisual aishub aiven akamai alchemy aletheia algolia alibaba aliyun alpaca
    alphavantage amanah amazonscraperapi amberone amdoren amplitude amthyste aniapi anidb anilist anthropic anycrap
    apachesuperset api2convert apiary apiflash apifootball apify apiip apilayer apimedic apitemplate apixu apogeoapi
    apollo appcenter appdynamics appfollow apptentive aqicn arbeitsamt arcgis artifactory asana assemblyai
    associatedpress astroway atlassian atomicmail attestwire audexum audiomack auth0 autodesk autopilot avaza
    aviationstack axonaut aylien ayrshare az511 azuredevops bamboohr bandcamp bankdata bannerbear baremetrics
    battuta beamer bestbuy besttime bhagavad bicboxtech bigdatacloud billomat billplz binance binaryedge bingmaps
    bintray bitbucket bitcoinaverage bitfinex bitly bitmex bitpanda bitquery bitrise bittrex bitwarden blablacar
    blague blitapp blockfrost blockscout blogger blynk boleto bombbomb boostnote botd brainiall brainshop braintree
    brandfetch bravenewcoin brawlstars braze breezometer brieftape browserstack browshot bruzu btcturk bugcrowd
    bugherd bugsnag buildkite buildpdf bulksms buttercms buywhere bybit calendarific calendly campayn cannyio
    capesandbox capsulecrm carbon careerjet carto carvector cashboard caspio censys centralstation cexio charity
    chartmogul chatfuel checkvist cheetaho cicero circleci ciscospark clarifai clashroyale clearbit clickhelp
    clickmeter clicksend clickup clico cliengo climatiq clinchpad clockify cloudbet cloudconvert cloudflare
    cloudimage cloudinary cloudmersive cloudsmith cloverly cloze clustdoc cmsgov codacy codeclimate codecov
    codedetection codeforces codegov codemagic codeship codestats coinapi coinbase coindcx coingecko coinigy
    coinlayer coinlib coinmarketcap coinranking coinremitter collegefootballdata collins colorfulclouds confluent
    congressinvests contentful conversiontools convertapi convertkit convier cooper copper correios couchbase
    countrylayer countrystatecity courier covalent coveralls cpfhub craftmypdf crowdin cruisefeed crxcavator
    cryptocompare cryptomarket currencycloud currencyfreaks currencylayer currencyscoop currentsapi customerio
    cuttly dagpi dailyco dailymotion danbooru dandelion databox databricks datadog datagov ddownload deepai deepgram
    deepseek deezer delighted demio deputy detectify detectlanguage dfuse diagrams dialogflow diffbot digikey
    digitalocean dinomarkets disclosed discogs discord disqus districtapi dockerhub docparser docusign
    domainintelligence doppler dota2 dotmailer dovico dribbble dronahq droneci dropbox duffel dummyproducts dwolla
    dydx dynalist dynapictures dynatrace easyinsight easypost ebay ebird econpulse ecostruxure ecourtsindia edamam
    edenai edgrapi elasticemail elevenlabs emailjs emailvalidation etherscan ethplorer etsyapi europeana euskalmet
    eventbrite eveonline everhour exchangerate exmo exportsdk extractorapi facebook faceplusplus fakejson fastdol
    fastforex fastly favqs feedbin fibery figma filestack filingrail finage financialmodelingprep findwork
    fingerprintjs finnhub firebase fitbit fixerio flatio flickr flightapi flightlabs flightstats flipkart flowdash
    flowflu flutterwave fmfw fofa fooddata football foreca formbucket formcraft formio formsite fortnite foursquare
    frameio fraudlabs freelancer freesound freshbooks freshdesk freshservice freshworks frontaccounting frontapp
    fulcrum fullcontact fullhunt fullstory funding fxmarket ganjoor gateio geekflare generadordni gengo geoapify
    geocod geodatasource geodbcities geoip geokeo geoscore getgeoapi getgist getotp getping getresponse getsandbox
    gettyimages getxapi gfycat giantbomb giphy gitbook gitguardian github gitlab gitter glassnode glitchapi
    glitterly gnews gocardless godaddy gofile goldbean goodday googleanalytics googlebooks googlecalendar googledocs
    googledrive googlefirebase googlefonts googlegemini googlekeep googlemaps googlephotos googlesheets googleslides
    gorest gotowebinar grafana graphcms graphhopper greynoise groovehq groq gtmetrix guardianapi gumroad gunpolicy
    gurupass gyazo hackerearth hackerone halalterminal halo happyscribe harvest hashicorp hasura haveibeenpwned
    helipaddy helpcrunch helpscout hereapi heremaps heroku hgweather hirakfaceapi hirakocr hiraktranslation hiveage
    holidayapi honeybadger honeycomb hostinger hotjar hotstoks html2pdf hubspot humanity humble hunterio huobi
    hybrid hyperserve hypertrack hypixel ibanforge iconfinder icytools iexcloud igdb ilovepdf imagekit imageupload
    imagga imdb imgbb imgur impala indodax inferdo infermedica infranode infura insightly instabot instagram
    instamojo instatus integromat intelligence intercom interseller intrinio invoiceocean invovate ip2geo
    ip2location ip2proxy ipapi ipdata ipfind ipgeolocation ipify ipinfo ipquality ipsonline ipstack iqair irisnet
    iucn jamendo jcdecaux jfrog jinaai jira jobdatalake jobs2careers jokesone jooble joshua jotform json2video
    jsonbin judge0 juju jumpcloud jumpseller juro kaggle kairos kakao karmacrm kdatagate keenio kickbox kiprio kitsu
    kkbox klarna klaviyo klipfolio knapsackpro kontent kraken kroger ksoftsilyrics kucoin kutt kylas langbly
    languagelayer larksuite lastfm launchdarkly lazada lcbo leadfeeder lectotranslation lemlist lendflow
    lessannoyingcrm lexigram lichess linearapi linenotify lingua linkedin linkpreview liveagent livestorm locationiq
    logdna loggly loginradius logsto lokalise longdo loyverse lumify luno macaddress machinetutors madkudu magicbell
    mailboxlayer mailboxvalidator mailchimp mailerlite mailgun mailjet mailmodo mailsac mailtrap maldatabase
    malshare malwarebazaar mandrill mangadex mangapi mapbox mapquest marketaux marketstack mattermost mavenlink
    maxmind meaningcloud mediacraft mediastack meetup meirra meistertask mercadolibre mercadopago mercedes merriam
    mesibo messagebird messengerx metaapi metabase metacert metrilo mexc microdb microsoftgraph microsoftteams
    microweather midise mindmeister mintlify miro mixcloud mixmax mixpanel mockaroo mojang mojoauth mongodb
    monkeylearn moonclerck moonclerk moosend moralis mrticktock musixmatch muxapi myanimelist myfreshworks
    myintervals napster nasaads nasdaq naver navitia nbadata netcore nethunt netlify neutrinoapi newrelic newsapi
    newscatcher newsdata newsflash newsx nexmo nftport ngrok nicereply nimble nimbus nlpcloud nomics nophishy
    nordigen north7 noticeable nounproject novadax nownodes nozbe npmjs nprone numlookup numverify nutritionix nylas
    nytimes oanda objectcut ocrspace octopart oikolab okex okta olxpoland omnisend onedesk onedrive onelogin
    onepagecrm onesignal onwater oopspam openai openaq opencage opencorporates openfda openfigi openqr openregistry
    openrouteservice openstreetmap openuv openvpn openweather opsgenie optimizely orbintelligence orbitalwiki
    orionhealth oriznvisa owlbot packagecloud paddle pagecdn pagerduty pandadoc pandascore paperform paralleldots
    parsehub parseur partnerstack pastebin paydirt paymo paypal paystack pdffleet pdflayer pdfshift peakmetrics
    peopledatalabs pepipost petfinder pexafy pexels phisherman phonevalidation photoroom pinata pinterest pipedream
    pipedrive pivotaltracker pixabay plaid planetscale planviewleankit planyo playerelo plivo pm25in podio pollsapi
    poloniex polydoc portainer positionstack postageapp postbacks posthog postlake postman postmark postnord
    poststack powrbot prefect prexview prodpad producthunt propline prospectcrm protocolsio proxycrawl proxykingdom
    pubg publicholidays publora pubnub pulsedive pulumi pumpfundata purestake pushbullet pusher pushover pvwatts
    qase qualaroo qubole quickbase quickmetrics quizapi qweather rainbow randommer rapidapi raven rawg razorpay
    reachmail readwise rebrandly recaptcha rechargepayments redash reddit redhat redirhub refiner rejax removebg
    rendex rendobar rentman replyio requestfinance restpack restream revampcrm revcardata revcontent revolt
    rijksmuseum ringcentral riotgames ritekit road511 roadgoat roboflow rocketreach rollbar route4me rownd rubygems
    runconvert runscope sageone saidit salesblink salescookie salesflare salesforce salesmate samsara satismeter
    saucelabs savepage sawolabs scaleway scalr scanii schemashield schiphol scoopit scrapeninja scrapeowl scraperapi
    scraperbox scrapestack scrapfly scrapingant scrapingbee scrapingdog screenshotapi screenshotlayer
    scriptmasterlabs scrutinizer seatgeek securitytrails selectpdf semantria sendbird sendgrid sendinblue sentry
    serphouse serpstack sheetsu sherpadesk shikimori shippo shodan shopee shopify shotstack shrtlnk shutterstock
    signable signaliz signalwire signaturit signupgenius sigopt simkl simplesat simplynoted simvoly sinch sirv
    siteintel siteleaf skrapp skybiometry slack smartapi smartcar smartsheet smartystreets smooch snipcart snowflake
    snykkey socialswarm socrata sonarcloud sonarqube songkick soundcloud sourcegraph spacetradersapi sparkpost
    speechtext splunk spoonacular sportdata sportmonks sportsmonk sportvision spotify spotsense spyse squarespace
    srpenergy sslmate stackexchange staffsign statuscake statuspage statuspal stitchdata stockdata stockfit
    storecove storj stormboard stormglass storyblok storychief strava streak stripe stripo stytch styvio sugester
    sugra sumologic sunor supabase supernotes suprsonic surveyanyplace surveybot surveysparrow survicate
    sustainmetrics swell swiftkanban swiftype synonyms systembolaget tableau tailscale talkwalker talordata tamtam
    tankerkoenig tastedive tasty tatumio taxdata taxid taxjar teamgate teamviewer teamworkcrm teamworkdesk
    teamworkspaces technicalanalysis telegram telegraph telesign telize telnyx temsor testingbot textmagic
    texttillkladdesign theaudiodb thebible thecocktaildb thedog thegraph theguardian themealdb themuse thenews
    theoddsapi therundown thesportsdb thinkific thisispaper thousandeyes threatjammer thunderbit ticketmaster
    ticktick tiingo tiktok timecamp timedoor timezoneapi tineswebhook tinify tinyurl tipo tisane tmdb todoist tokeet
    tokopedia tomorrowio tomtom tradier traileraddict trakt transferwise trashnothing travelpayouts travisci tredict
    trello tripadvisor trove tumblr tvdb tweetapi twelve twilio twitch twitter tyntec typeform typetalk ubidots
    uchecker uclassify udemy uebermaps unifyid unogs unplugg unsplash untappd upcdatabase uplead uploadcare
    uptimerobot upwave upwork urlbae urlscan usagov usajobs usautocomplete userflow userstack usextract uszipcode
    utahagrc utilorax vagalume vagrantcloud vatlayer vatvalidation vbout vedintel vercel verimail veriphone
    veriroute versioneye vidwords viewneo village vimeo virustotal visualcrossing voicegain voodoosms vouchery
    vpnapi vuldb vultr vyte wakatime walkscore wallhaven wargaming watchdata watchmode weatherapi weatherbit
    weatherstack web3storage webclaw webdam webex webflow webscraper webscraping wecantrack wepay wger what3words
    whatjobs whereparcel whoxy wikidata wistia wolframalpha woocommerce wordcloud wordnik workable workstack
    worldcoinindex worldweather wrike wunderground xfetch xflux xirsys yahoofinance yandex yelp ynab yotpo
    youneedabudget yousign youtube zapier zendesk zenkit zenrows zenscrape zenserp zeplin zerobounce zeromailer
    zerotier zestful zipapi zipbooks zipcodeapi zipcodebase ziprecruiter zohobooks zohocrm zonka zoominfo zube zulip
    """.split()  # noqa: SIM905 - a table of words reads best as words
)
