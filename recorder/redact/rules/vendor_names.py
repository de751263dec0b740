"""Names of services that hand out keys: beside one, a random run is likely to be a credential.

Names alone, without anything about their keys. They are those of public directories of interfaces
(https://github.com/public-apis/public-apis, MIT: the entries that ask for a key or for OAuth) and of services in common
use. Words that ordinary text uses often (`segment`, `square`, `line`) are left out: other rules look for those. A name
stands for all that begin with it.
"""

VENDORS: tuple[str, ...] = tuple(
    """
    artsy audd autoklose blablabus companyhub sheety roninapp text2data
    1forge 1password 7digital abstractapi abuseipdb abyssale accuweather acrelens adafruit adobe adoptapet adzuna
    aemet aeroworkflow aftership agora aha ai21 aimastering airbrake airship airtable airvisual aishub aiven akamai
    alchemy alegra aletheia algolia alibaba alienvault aliyun allsports alpaca alphavantage amadeus amanah
    amazonscraperapi amberone amdoren amplitude amthyste aniapi anidb anilist anthropic anycrap anypoint
    apachesuperset apacta api2cart api2convert apiary apideck apiflash apifonica apifootball apify apiip apilayer
    apimatic apimedic apimetrics apitemplate apixu apogeoapi apollo appcenter appcues appdynamics appfollow
    appointedd appoptics appsynergy apptentive apptivo aqicn arbeitsamt arcgis artifactory asana assemblyai
    associatedpress astroway atlassian atomicmail attestwire audexum audiomack auth0 authress autodesk autopilot
    avaza aviationstack axonaut aylien ayrshare az511 azuredevops bamboohr bandcamp bankdata bannerbear baremetrics
    baseten battuta beamer beebole besnappy bestbuy besttime betterstack bhagavad bicboxtech bigdatacloud billomat
    billplz binance binaryedge bingmaps bintray bitbar bitbucket bitcoinaverage bitfinex bitly bitmex bitpanda
    bitquery bitrise bittrex bitwarden blablacar blague blazemeter blitapp blockfrost blocknative blockscout blogger
    blynk boleto bombbomb boostnote borgbase botd brainiall brainshop braintree braintrust branchio brandfetch
    bravenewcoin brawlstars braze breezometer brieftape browserstack browshot bruzu bscscan btcturk buddyns budibase
    bugcrowd bugherd bugsnag buildkite buildpdf bulbul bulksms buttercms buywhere bybit caflou calendarific calendly
    calorieninja campayn cannyio canva capesandbox capsulecrm captaindata carbon careerjet carto carvector cashboard
    caspio censys centralstation cerebras cexio charity chartmogul chatfuel checio checklyhq checkvist cheetaho
    cicero circleci ciscomeraki ciscospark civo clarifai clashroyale clearbit clickhelp clickhouse clickmeter
    clicksend clickup clico cliengo clientary climatiq clinchpad clockify clockworksms clojars closecrm cloudbet
    cloudconvert cloudelements cloudflare cloudimage cloudinary cloudmersive cloudplan cloudsight cloudsmith
    cloverly cloze clustdoc cmsgov cockroachlabs codacy codeclimate codecov codedetection codeforces codegov
    codemagic codequiry coderabbit codeship codestats cohere coinapi coinbase coindcx coingecko coinigy coinlayer
    coinlib coinmarketcap coinranking coinremitter collect2 collegefootballdata collins colorfulclouds commercejs
    configcat confluence confluent congressinvests contentful conversiontools convertapi convertkit convier cooper
    copper copymetadata correios couchbase countrylayer countrystatecity courier covalent coveralls coze cpfhub
    craftmypdf crowdin cruisefeed crxcavator cryptocompare cryptomarket currencycloud currencyfreaks currencylayer
    currencyscoop currentsapi customerguru customerio cuttly d7network dagpi dailyco dailymotion danbooru dandelion
    dareboost databento databox databricks datadog datagov datastax ddownload deepai deepgram deepseek deezer
    delighted demio deputy detectify detectlanguage devcycle deviantart dfuse diagrams dialogflow diffbot diggernaut
    digikey digitalocean dinomarkets disclosed discogs discord disqus districtapi dnscheck dockerhub docparser
    documo docusign domainintelligence doppler dota2 dotdigital dotmailer dovico dribbble dronahq droneci dropbox
    duffel dummyproducts dwolla dydx dynalist dynapictures dynatrace dyspatch eagleeyenetworks easyinsight easypost
    ebay ebird econpulse ecostruxure ecourtsindia edamam edenai edgrapi eightxeight elasticemail elevenlabs emailjs
    emailvalidation enablex endorlabs etherscan ethplorer etsyapi europeana euskalmet eventbrite eveonline everhour
    exaai exchangerate exmo exoscale exportsdk extractorapi facebook faceplusplus fakejson fastdol fastforex fastly
    favqs feedbin fetchrss fibery figma fileio filestack filezilla filingrail finage financialmodelingprep findwork
    fingerprintjs finicity finnhub firebase firecrawl fireworksai fitbit fixerio flatio fleetbase flexport flickr
    flightapi flightlabs flightstats flipkart flowdash flowflu flutterwave fmfw fofa fooddata football foreca
    formbucket formcraft formio formsite fortnite foursquare frameio fraudlabs freelancer freemius freesound
    freshbooks freshdesk freshservice freshworks friendli frontaccounting frontapp fulcrum fullcontact fullhunt
    fullstory funding fxmarket ganjoor gateio gcnotify geckoboard geekflare generadordni gengo geoapify geocod
    geodatasource geodbcities geoip geoipifi geokeo geoscore getemail getgeoapi getgist getotp getping getresponse
    getsandbox gettyimages getxapi gfycat giantbomb giphy gitbook gitea gitguardian github gitlab gitter glassnode
    glitchapi glitterly gnews gocanvas gocardless godaddy gofile goldbean goodday googleanalytics googlebooks
    googlecalendar googledocs googledrive googlefirebase googlefonts googlegemini googlekeep googlemaps googlephotos
    googlesheets googleslides gorest gotowebinar grafana graphcms graphhopper greptile greynoise groovehq groq
    gtmetrix guardianapi gumroad gunpolicy gurupass gyazo hackerearth hackerone halalterminal halo happyscribe
    harvest hashicorp hasura haveibeenpwned helipaddy hellosign helpcrunch helpscout hereapi heremaps heroku
    hgweather hirakfaceapi hirakocr hiraktranslation hiveage holidayapi honeybadger honeycomb hostinger hotjar
    hotstoks html2pdf hubspot humanity humble hunterio huobi hybiscus hybrid hyperserve hypertrack hypixel ibanforge
    iconfinder icytools iexapis iexcloud igdb ilovepdf imagekit imageupload imagga imdb imgbb imgur impala indodax
    inferdo infermedica influxdb infomaniak infracost infranode infura insightly instabot instagram instamojo
    instatus integromat intelligence intercom interseller intra42 intrinio invoiceocean invovate ip2geo ip2location
    ip2proxy ipapi ipdata ipfind ipgeolocation ipifi ipify ipinfo ipquality ipsonline ipstack iqair irisnet iucn
    jamendo jcdecaux jfrog jinaai jira jobdatalake jobs2careers jokesone jooble joshua jotform json2video jsonbin
    judge0 juju jumpcloud jumpseller jupiterone juro kaggle kagi kairos kakao kanbantool karmacrm kdatagate keenio
    kickbox kiprio kitsu kkbox klarna klaviyo klingai klipfolio knapsackpro kontent kraken kroger ksoftsilyrics
    kucoin kutt kylas langbly langchain langfuse langsmith languagelayer larksuite lastfm launchdarkly lazada lcbo
    leadfeeder lectotranslation lemlist lemonsqueezy lendflow lessannoyingcrm lexigram lichess lighton linearapi
    linemessaging linenotify lingua linkedin linkpreview liveagent livestorm loadmill locationiq logdna loggly
    loginradius logsto logz lokalise longdo looker loyverse lumify lunchmoney luno m3o macaddress machinetutors
    madkudu magicbell mailboxlayer mailboxvalidator mailchimp mailerlite mailersend mailgun mailjet mailmodo mailsac
    mailtrap maldatabase malshare malwarebazaar mandrill mangadex mangapi mapbox mapquest marketaux marketstack
    mattermost mavenlink maxmind meaningcloud mediacraft mediastack meetup meirra meistertask meraki mercadolibre
    mercadopago mercedes mergify merriam mesibo messagebird messengerx metaapi metabase metacert metrilo mexc
    microdb microsoftgraph microsoftteams microweather midise midtrans mindmeister minimax mintlify miro mistral
    mixcloud mixmax mixpanel mockaroo mojang mojoauth mongodb monkeylearn moonclerck moonclerk moosend moralis
    mrticktock musixmatch muxapi myanimelist myfreshworks myintervals napster nasaads nasdaq naver navitia nbadata
    netcore nethunt netlify netsuite neutrinoapi newrelic newsapi newscatcher newsdata newsflash newsx nexmo nftport
    ngrok nicereply nimble nimbus nlpcloud nomics nophishy nordigen north7 noticeable notion nounproject novadax
    nownodes nozbe npmjs nprone numlookup numverify nutritionix nvidia nylas nytimes oanda objectcut ocrspace
    octopart octopusdeploy oikolab okex okta olxpoland omnisend onedesk onedrive onelogin onepagecrm onepassword
    onesignal onfido onfleet onwater oopspam openai openaq opencage opencorporates openfda openfigi openqr
    openregistry openrouter openrouteservice openstreetmap openuv openvpn openweather opsgenie optimizely
    orbintelligence orbitalwiki orionhealth oriznvisa overloop ovh owlbot packagecloud packagist paddle pagarme
    pagecdn pagerduty pandadoc pandascore paperform paralleldots parsehub parseur particleio partnerstack pastebin
    paydirt paymo paypal paystack pdffleet pdflayer pdfshift peakmetrics pendo peopledatalabs pepipost perplexity
    personaapi petfinder pexafy pexels pganalyze phisherman phonevalidation photoroom pinata pinecone pinterest
    pipedream pipedrive pivotaltracker pixabay plaid planetscale planviewleankit planyo playerelo plivo pm25in podio
    pollsapi poloniex polydoc polygonio portainer positionstack postageapp postbacks posthog postlake postman
    postmark postnord poststack powrbot prefect prexview privateai prodpad producthunt propline prospectcrm
    protocolsio proxycrawl proxykingdom pubg publicholidays publora pubnub pulsedive pulumi pumpfundata purestake
    pushbullet pusher pushover pvwatts qase qualaroo qubole quickbase quickmetrics quizapi qweather railwayapp
    rainbow rainforestpay randommer rapidapi raven rawg razorpay reachmail readwise reallysimple reallysimplesystems
    rebrandly recaptcha rechargepayments redash reddit redhat redirectpizza redirhub refiner rejax removebg rendex
    rendobar rentman repairshopr replyio requestfinance restpack restream retell retellai revampcrm revcardata
    revcontent revolt rijksmuseum ringcentral riotgames ritekit road511 roadgoat robinhood roboflow rocketreach
    rockset rollbar rootly route4me rownd rubygems runconvert runpod runrunit runscope sageone saidit saladcloud
    salesblink salescookie salesflare salesforce salesmate samsara satismeter saucelabs savepage sawolabs scaleway
    scalingo scalr scanii schemashield schiphol scoopit scrapeninja scrapeowl scraperapi scraperbox scrapestack
    scrapfly scrapingant scrapingbee scrapingdog screenshotapi screenshotlayer scriptmasterlabs scrutinizer seatgeek
    securitytrails selectpdf semantria sendbird sendgrid sendinblue sentry serphouse serpstack settlemint sheetsu
    sherpadesk shikimori shipday shippo shodan shopee shopify shotstack shrtlnk shutterstock sidekiq signable
    signaliz signalwire signaturit signupgenius sigopt simfin simkl simplesat simplynoted simvoly sinch sirv
    siteintel siteleaf skrapp skybiometry slack smartapi smartcar smartsheet smartystreets smooch snipcart snowflake
    snyk snykkey socialswarm socrata softlayer sonarcloud sonarqube songkick soundcloud sourcegraph spacetradersapi
    sparkpost spectralops speechtext splunk spoonacular sportdata sportmonks sportsmonk sportvision spotify
    spotsense spyse squarespace squareup srpenergy sslmate stabilityai stackexchange stackhawk staffsign statuscake
    statuspage statuspal stitchdata stockdata stockfit storecove storj stormboard stormglass storyblok storychief
    strava streak stripe stripo stytch styvio sugester sugra sumologic sunor supabase supernotes suprsonic
    surveyanyplace surveybot surveysparrow survicate sustainmetrics swell swiftkanban swiftype synonyms
    systembolaget tableau tailscale talkwalker tallyfy talordata tamtam tankerkoenig tastedive tasty tatumio tavily
    taxdata taxid taxjar teamcity teamgate teamviewer teamworkcrm teamworkdesk teamworkspaces technicalanalysis
    tefter telegram telegraph telesign teletype telize telnyx temsor terraformcloud testingbot textmagic
    texttillkladdesign theaudiodb thebible thecocktaildb thedog thegraph theguardian themealdb themuse thenews
    theoddsapi therundown thesportsdb thingsboard thinkific thisispaper thousandeyes threatjammer thunderbit
    thunderstore ticketmaster tickettailor ticktick tiingo tiktok timecamp timedoor timezoneapi tineswebhook tinify
    tinyurl tipo tisane tmdb tmetric todoist togetherai toggl tokeet tokopedia tomorrowio tomtom tradier
    traileraddict trakt transferwise trashnothing travelpayouts travisci tredict trello tripadvisor trove trufflehog
    tumblr tvdb tweetapi twelve twilio twitch twitter tyntec typeform typetalk ubidots uchecker uclassify udemy
    uebermaps unifyid unogs unplugg unsplash untappd upcdatabase upcloud uplead uploadcare upstage uptimerobot
    upwave upwork urlbae urlscan usagov usajobs usautocomplete userflow userstack usextract uszipcode utahagrc
    utilorax vagalume vagrantcloud valtown vastai vatlayer vatvalidation vbout vedintel vercel verimail veriphone
    veriroute versioneye vidwords viewneo village vimeo virustotal visualcrossing voiceflow voicegain voodoosms
    vouchery voyageai vpnapi vuldb vultr vyte wakatime walkscore wallhaven wandb wargaming watchdata watchmode
    weatherapi weatherbit weatherstack web3storage webclaw webdam webex webflow webscraper webscraping websitepulse
    wecantrack weightsandbiases wepay wger what3words whatjobs whereparcel whoxy wikidata wistia wolframalpha
    woocommerce wordcloud wordnik workable workstack worldcoinindex worldweather wpengine wrike wunderground xfetch
    xflux xirsys yahoofinance yandex yelp ynab yotpo youneedabudget yousign youtube zapier zendesk zenkit zenrows
    zenscrape zenserp zeplin zerobounce zeromailer zerotier zestful zhipu zipapi zipbooks zipcodeapi zipcodebase
    ziprecruiter zohobooks zohocrm zonka zoominfo zube zulip zuplo
    """.split()  # noqa: SIM905 - a table of words reads best as words
)
